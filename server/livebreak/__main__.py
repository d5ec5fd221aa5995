"""The command `livebreak`."""


def main() -> None:
    from livebreak.cli import app

    app()


if __name__ == "__main__":
    main()
