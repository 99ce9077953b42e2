"""The language of Terraform's files: tokens, blocks, expressions, each with where it stands.

The specification of the syntax: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""
