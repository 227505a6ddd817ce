"""`python -m monitor` is `embmon`."""

from monitor.cli import main

if __name__ == "__main__":
    main()
