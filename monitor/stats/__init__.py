"""Mergeable statistics, one per file; `base` states the law they all obey."""

from monitor.stats.base import Rows, Statistic
from monitor.stats.clusters import Clusters
from monitor.stats.components import Components
from monitor.stats.content import Content
from monitor.stats.distinct import Distinct
from monitor.stats.features import Features
from monitor.stats.histograms import Histograms
from monitor.stats.moments import Moments
from monitor.stats.quality import Quality
from monitor.stats.sample import Sample
from monitor.stats.scalars import Scalars
from monitor.stats.span import Span

STATISTICS: dict[str, type[Statistic]] = {
    "quality": Quality,
    "span": Span,
    "moments": Moments,
    "components": Components,
    "features": Features,
    "clusters": Clusters,
    "scalars": Scalars,
    "histograms": Histograms,
    "content": Content,
    "distinct": Distinct,
    "sample": Sample,
}
"""Every statistic of a profile by its name; the law is tested over this table."""

__all__ = ["STATISTICS", "Rows", "Statistic"]
