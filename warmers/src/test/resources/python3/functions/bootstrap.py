NAME = "my bootstrap"
