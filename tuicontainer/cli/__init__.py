"""The user verbs of `tuicontainer`: words to requests, answers to text or JSON; no logic."""
