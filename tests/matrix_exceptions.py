"""What the policy table and the rule of sites alone do not say of a route."""

# These answer the same wherever one is, and name nothing of the site.
NOBODYS = {"/v1/measures", "/v1/me", "/counts/example.csv", "/counts/upload", "/sign-out", "/v1/sessions/current",
           "/v1/seal-key", "/v1/floor/standings", "/v1/floor/decode", "/tablets/trust"}  # fmt: skip
NAMELESS = {  # pictures without a word, a form to choose a file, and a list of what names the asker
    *NOBODYS, "/tablets/copies", "/v1/inspections/own",
    "/fixes/<fix_id>/spark.svg", "/pictures/<sha256>", "/procedures/<code>/versions/<int:number>/qr.svg",
    "/procedures/<code>/versions/<int:number>.xlsx", "/inspections/<uuid>/qr.svg", "/inspections/<uuid>/print.css",
}  # fmt: skip

# What the policy table alone does not say: (route, who) → the status that is right nevertheless.
CONTENT = {
    "PUT /v1/inspections/<uuid>": 409,  # the address holds another body
    "PUT /v1/calls/<uuid>": 409,  # the address holds another call
    "POST /v1/inspections/<uuid>/confirm": 409,  # it was confirmed
    **dict.fromkeys(("POST /v1/inspections/<uuid>/match", "POST /inspections/<uuid>/match"), 409),  # its lot is known
    "POST /v1/inspections/<uuid>/own": 403,  # it names another person
    "POST /inspections/<uuid>/own": 403,  # the same, said on a page
    "POST /v1/gauges/<code>/block": 409,  # it is blocked
    "POST /gauges/<code>/block": 409,  # it is blocked
    "POST /v1/alerts/<alert_id>/unack": 409,  # nobody has taken it
    "PUT /v1/procedures/<code>/versions/<int:number>": 409,  # it is in force
    "POST /v1/step-reports/<report_id>/answer": 403,  # the procedure has an owner, who alone answers
    "POST /v1/procedures/<code>/versions/<int:number>/translation-override": 409,  # nothing is in the way
    "POST /v1/procedures/<code>/versions/<int:number>/translation-override/confirm": 409,  # nobody asked
    "POST /procedures/<code>/versions/<int:number>/translation-override": 409,  # nothing is in the way
    "POST /procedures/<code>/versions/<int:number>/translation-override/confirm": 409,  # nobody asked
    "POST /step-reports/<report_id>/answer": 422,  # the same, said on the form
    "POST /inspections/<uuid>/confirm": 409,  # it was confirmed
    "POST /inspections/<uuid>/lot": 409,  # its lot is known
    "POST /fixes/confirm": 409,  # it does not come from a page that showed the numbers
}
# What is taken one by one says so of each; the whole came to nothing where it says this.
ALL_REFUSED = {
    "POST /v1/ingest/production-counts": '"rejected":1',
    "POST /counts/upload": "refused: 1",
    "POST /v1/inspections/own": '"taken":false',
}
# an inspector asks for that of their own inspections only
ONES_OWN = {"POST /v1/inspections/<uuid>/void", "POST /inspections/<uuid>/void"}
ONLY_EVERYWHERE = {"POST /v1/sites"}  # a new site belongs to no site that one could have been granted
KEPT = {"PUT /v1/inspections/<uuid>"}  # another body under a known address is refused, and kept to be compared
# the address names what is to be made, and the body where
NAMED_INSIDE = {"PUT /v1/lots/<code>": 422, "PUT /v1/calls/<uuid>": 422, "PUT /v1/floor/deeds/<uuid>": 422}
