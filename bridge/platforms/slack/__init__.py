"""Slack: the Web API and Socket Mode by way of slack-bolt."""
