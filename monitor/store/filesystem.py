"""Which file system a path lies on, and whether SQLite's locks can be trusted there."""

from __future__ import annotations

from pathlib import Path

# SQLite's write-ahead log needs memory shared by all processes that open the database; between
# hosts there is none, and the database is damaged without a word.
_DISKS_OF_OTHERS = ("9p", "afs", "ceph", "cifs", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs")
_CLUSTERS = ("beegfs", "gfs2", "glusterfs", "gpfs", "lustre", "ocfs2")
_FUSE = ("fuse.glusterfs", "fuse.s3fs", "fuse.sshfs")
_NETWORK = frozenset((*_DISKS_OF_OTHERS, *_CLUSTERS, *_FUSE))


def network_filesystem(path: Path, mounts: str | None = None) -> str | None:
    """Kind of the network file system that holds the absolute `path`, None for a local one.

    `mounts` is the text of /proc/mounts; where there is none, every path counts as local.

    >>> network_filesystem(Path("/data/a.db"), "/dev/sda / ext4 rw 0 0\\nnas:/x /data nfs4 rw 0 0")
    'nfs4'
    """
    text = _mounts() if mounts is None else mounts
    best, kind = Path("/"), ""
    for line in text.splitlines():
        _, point, found, *_ = line.split(" ")
        mounted = Path(point.encode().decode("unicode_escape"))
        if path.is_relative_to(mounted) and mounted.is_relative_to(best):
            best, kind = mounted, found
    return kind if kind in _NETWORK else None


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
