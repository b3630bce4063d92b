"""What is believed of an answer: quotes that stand, references of the record, repairs that apply."""
