NAME = "my hooks"
