"""How strong the tests are: mistakes are put into the code one at a time, and the tests must notice each."""
