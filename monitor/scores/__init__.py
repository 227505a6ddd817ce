"""From profiles to scores: how far one window is from its reference."""
