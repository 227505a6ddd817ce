// trend
