"""Matching: geometry only. Which past fixes does a change take back or call for again?"""
