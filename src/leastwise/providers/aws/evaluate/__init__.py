"""How AWS decides, read from its own pages: the language of policies, and the logic over all policy types.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""
