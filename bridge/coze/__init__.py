"""The only code that knows Coze's HTTP interface."""
