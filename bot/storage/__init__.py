"""All that must survive a restart, and all SQL.

An update is taken in the transaction that changes what cannot be changed twice, else in the one that puts what is said
about it into the outbox (`Updates.take`). So a kill at any commit leaves an update that is handled again, with the same
result, or its notice in the outbox; what is said only once (`busy`, `access`) names the update that it answers.
"""
