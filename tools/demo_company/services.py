"""Resources of one account on one day: S3, Lambda, DynamoDB, EventBridge, CloudTrail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from demo_company import things
from demo_company.clock import START, alive, iso, moment
from demo_company.export import Export, compact
from demo_company.ids import ACCOUNT_NAMES, DATA, PROD, REGION, ROOT, guid, hexes, number
from demo_company.model import Bucket, Function, document

CLOSED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
OPEN = dict.fromkeys(CLOSED, False)


def buckets(export: Export) -> None:
    """s3api and s3control."""
    account = export.account
    found = [b for b in things.BUCKETS if b.account == account and alive(export.day, b.created, "")]
    owner = {"ID": hexes(64, "canonical", account)}
    rows = [
        {"Name": bucket.name, "CreationDate": iso(moment(bucket.created, bucket.name)), "BucketRegion": REGION}
        for bucket in found
    ]
    export.save("s3api-list-buckets", {"Buckets": rows, "Owner": owner})
    whole = {**CLOSED, "BlockPublicPolicy": False, "RestrictPublicBuckets": False} if account == PROD else CLOSED
    export.save("s3control-get-public-access-block", {"PublicAccessBlockConfiguration": whole})
    for bucket in found:
        _bucket(export, bucket, owner)


def _bucket(export: Export, bucket: Bucket, owner: dict[str, str]) -> None:
    if bucket.policy:
        export.save("s3api-get-bucket-policy", {"Policy": compact(document(*bucket.policy))}, bucket.name)
    else:
        export.fail(
            "s3api-get-bucket-policy",
            "GetBucketPolicy",
            "NoSuchBucketPolicy",
            "The bucket policy does not exist",
            bucket.name,
        )
    block = OPEN if bucket.open else CLOSED
    export.save("s3api-get-public-access-block", {"PublicAccessBlockConfiguration": block}, bucket.name)
    grant = {"Grantee": {**owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    export.save("s3api-get-bucket-acl", {"Owner": owner, "Grants": [grant]}, bucket.name)
    rules = [{"ObjectOwnership": "BucketOwnerEnforced"}]
    export.save("s3api-get-bucket-ownership-controls", {"OwnershipControls": {"Rules": rules}}, bucket.name)
    tags = {"owner": bucket.owner, **bucket.tags}
    export.save("s3api-get-bucket-tagging", {"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]}, bucket.name)


def function_arn(function: Function) -> str:
    """ARN of a function."""
    return f"arn:aws:lambda:{REGION}:{function.account}:function:{function.name}"


def _modified(function: Function, day: datetime) -> str:
    """Most functions were last deployed within the month before a snapshot."""
    start = max(moment(function.created, function.name), deployed(function, day.year, day.month - 1))
    return start.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def deployed(function: Function, year: int, month: int) -> datetime:
    """When a function was deployed in a month: on the second, or on the Monday after it."""
    day = datetime(year, month, 2, tzinfo=UTC)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return moment(f"{day:%Y-%m-%d}", function.name)


def functions(export: Export) -> None:
    """lambda: the functions and who may invoke them."""
    rows = []
    for function in things.FUNCTIONS:
        if function.account != export.account or not alive(export.day, function.created, ""):
            continue
        name = function.name
        handler = {"python3.12": "app.handler", "nodejs22.x": "index.handler"}[function.runtime]
        rows.append(
            {
                "FunctionName": name,
                "FunctionArn": function_arn(function),
                "Runtime": function.runtime,
                "Role": f"arn:aws:iam::{function.account}:role/{function.role or name}",
                "Handler": handler,
                "CodeSize": 20000 + number(900000, name),
                "Description": function.description,
                "Timeout": 30,
                "MemorySize": 256,
                "LastModified": _modified(function, export.day),
                "Version": "$LATEST",
                "Environment": {"Variables": {"STAGE": "production"}},
                "TracingConfig": {"Mode": "PassThrough"},
                "RevisionId": guid("revision", name, iso(export.day)),
                "PackageType": "Zip",
                "Architectures": ["arm64"],
                "EphemeralStorage": {"Size": 512},
                "LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"/aws/lambda/{name}"},
            }
        )
        _invokers(export, function)
    export.save("lambda-list-functions", {"Functions": rows})


def _invokers(export: Export, function: Function) -> None:
    if not function.callers:
        message = "The resource you requested does not exist."
        export.fail("lambda-get-policy", "GetPolicy", "ResourceNotFoundException", message, function.name)
        return
    statements = [
        {
            "Sid": f"{service}-invokes",
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn(function),
            "Condition": {"ArnLike": {"AWS:SourceArn": source}},
        }
        for service, source in function.callers
    ]
    policy = compact({"Version": "2012-10-17", "Id": "default", "Statement": statements})
    export.save("lambda-get-policy", {"Policy": policy, "RevisionId": guid("policy", function.name)}, function.name)


def tables(export: Export) -> None:
    """Tables of dynamodb."""
    names = things.TABLES.get(export.account, ())
    export.save("dynamodb-list-tables", {"TableNames": sorted(names)})
    for name in names:
        described = {
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "TableName": name,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "TableStatus": "ACTIVE",
            "CreationDateTime": iso(moment(START, "table", name)),
            "TableArn": f"arn:aws:dynamodb:{REGION}:{export.account}:table/{name}",
            "TableId": guid("table", name),
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            "DeletionProtectionEnabled": False,
        }
        export.save("dynamodb-describe-table", {"Table": described}, name)
        message = f"Resource-based policy not found for the provided ResourceArn: {described['TableArn']}"
        code, arn = "PolicyNotFoundException", str(described["TableArn"])
        export.fail("dynamodb-get-resource-policy", "GetResourcePolicy", code, message, arn)


def nothing(export: Export) -> None:
    """What the company does not use: keys of its own, queues, topics, secrets, registries."""
    for call, answer in (
        ("kms-list-keys", {"Keys": [], "Truncated": False}), ("sqs-list-queues", {"QueueUrls": []}),
        ("sns-list-topics", {"Topics": []}), ("secretsmanager-list-secrets", {"SecretList": []}),
        ("ecr-describe-repositories", {"repositories": []}),
    ):  # fmt: skip
        export.save(call, answer)


def schedules(export: Export) -> None:
    """events: the schedules of bw-prod."""
    rows = []
    for name, when, text in things.SCHEDULES if export.account == PROD else ():
        arn = f"arn:aws:events:{REGION}:{PROD}:rule/{name}"
        rows.append(
            {
                "Name": name,
                "Arn": arn,
                "State": "ENABLED",
                "Description": text,
                "ScheduleExpression": when,
                "EventBusName": "default",
            }
        )
        target = {"Id": name, "Arn": f"arn:aws:lambda:{REGION}:{PROD}:function:{name}"}
        export.save("events-list-targets-by-rule", {"Targets": [target]}, name)
    export.save("events-list-rules", {"Rules": rows})


def _data_events(kind: str) -> dict[str, object]:
    fields = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": [kind]}]
    return {"Name": f"All of {kind}", "FieldSelectors": fields}


def trails(export: Export) -> None:
    """cloudtrail: bw-prod records data events of everything, bw-data only those of the curated lake."""
    account = export.account
    name = f"{ACCOUNT_NAMES[account]}-trail"
    arn = f"arn:aws:cloudtrail:{REGION}:{account}:trail/{name}"
    described = {
        "Name": name,
        "S3BucketName": f"{name}-logs",
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": True,
        "HomeRegion": REGION,
        "TrailARN": arn,
        "LogFileValidationEnabled": True,
        "HasCustomEventSelectors": account in (PROD, DATA),
        "HasInsightSelectors": False,
        "IsOrganizationTrail": False,
    }
    selectors: dict[str, object] = {"TrailARN": arn}
    if account == PROD:
        kinds = ("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::SES::EmailIdentity")
        management = {"Name": "Management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
        selectors["AdvancedEventSelectors"] = [management, *(_data_events(kind) for kind in kinds)]
    else:
        data = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::bw-lake-curated/"]}] if account == DATA else []
        selectors["EventSelectors"] = [
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": data,
                "ExcludeManagementEventSources": [],
            }
        ]
    found = [described, _organization_trail(export)] if account == ROOT else [described]
    export.save("cloudtrail-describe-trails", {"trailList": found})
    export.save("cloudtrail-get-trail-status", {"IsLogging": True, "StartLoggingTime": iso(moment(START, arn))}, name)
    export.save("cloudtrail-get-event-selectors", selectors, name)


def _organization_trail(export: Export) -> dict[str, object]:
    """The organization's trail: every account's management events that change something, legacy included."""
    name = "bw-org-trail"
    arn = f"arn:aws:cloudtrail:{REGION}:{export.account}:trail/{name}"
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}
    selectors = {"TrailARN": arn, "EventSelectors": [{**selector, "ExcludeManagementEventSources": []}]}
    status = {"IsLogging": True, "StartLoggingTime": iso(moment(START, arn))}
    export.save("cloudtrail-get-trail-status", status, name)
    export.save("cloudtrail-get-event-selectors", selectors, name)
    return {
        "Name": name,
        "S3BucketName": "bw-root-trail-logs",
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": True,
        "HomeRegion": REGION,
        "TrailARN": arn,
        "LogFileValidationEnabled": True,
        "HasCustomEventSelectors": True,
        "HasInsightSelectors": False,
        "IsOrganizationTrail": True,
    }
