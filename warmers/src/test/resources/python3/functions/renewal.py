NAME = "my renewal"
