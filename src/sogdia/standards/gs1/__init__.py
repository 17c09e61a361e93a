"""GS1 identifiers: EPC URNs and Digital Links of any domain, read strictly and brought to one form.

`identifiers` is the front door: one canonical URI for whatever text names a thing, its kind, its classes, and the form
that a reader asks for. `digital_link` and `epc_urn` read and write the two forms, `prefixes` knows where a company
prefix ends, `elements` checks a value under an Application Identifier, with `linters` and `check_digits`;
`application_identifiers` is GS1's list of them. Nothing here fetches anything.

    >>> from sogdia.standards.gs1 import identifiers
    >>> identifiers.canonical("urn:epc:id:sgtin:0614141.112345.400")
    'https://id.gs1.org/01/10614141123459/21/400'
"""
