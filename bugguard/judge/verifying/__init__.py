"""What is believed of an answer: quotes that stand, references that the record has, repairs that
apply.
"""
