"""The operations that the company's people and machines call, each with the permission that AWS's pages say."""

from __future__ import annotations

from dataclasses import replace

from demo_company.logs.record import GLOBAL, Call

S3, TABLE, QUEUE, TOPIC = "AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SNS::Topic"
FUNCTION, MAIL, LOGS = "AWS::Lambda::Function", "AWS::SES::EmailIdentity", "AWS::Logs::LogGroup"
METRIC, ALIAS, GATEWAY = "AWS::CloudWatch::Metric", "AWS::Bedrock::AgentAlias", "AWS::SSMMessages::ControlChannel"

_ELSEWHERE = {"iam", "organizations", "ce", "signin", "cloudfront"}
_SOURCES = {"cloudwatch": "monitoring", "bedrock": "bedrock"}
_READS = ("Get", "List", "Describe", "Lookup", "Filter", "Batch", "Query", "Search", "Test", "View")


def call(permission: str, data: str = "", name: str = "", source: str = "", read: bool | None = None) -> Call:
    """The operation called like the permission, unless `name` says otherwise."""
    prefix, _, action = permission.partition(":")
    source = source or _SOURCES.get(prefix, prefix)
    region = GLOBAL if source in _ELSEWHERE else ""
    reads = action.startswith(_READS) if read is None else read
    return Call(permission, name or action, source, reads, data, **({"region": region} if region else {}))


GET, PUT, DELETE = (call(f"s3:{one}Object", S3, read=one == "Get") for one in ("Get", "Put", "Delete"))
LIST = call("s3:ListBucket", S3, "ListObjects")
LIST_BUCKETS = call("s3:ListAllMyBuckets", name="ListBuckets")
ITEM, PUT_ITEM, UPDATE_ITEM, QUERY = (
    call(f"dynamodb:{one}", TABLE, read=one in ("GetItem", "Query"))
    for one in ("GetItem", "PutItem", "UpdateItem", "Query")
)
SEND, RECEIVE, REMOVE = (call(f"sqs:{one}Message", QUEUE, read=False) for one in ("Send", "Receive", "Delete"))
PUBLISH = call("sns:Publish", TOPIC, read=False)
SEND_EMAIL = call("ses:SendEmail", MAIL, read=False)
SEND_RAW = call("ses:SendRawEmail", MAIL, read=False)
INVOKE = call("lambda:InvokeFunction", FUNCTION, "Invoke", read=False)
INVOKE_AGENT = call("bedrock:InvokeAgent", ALIAS, read=False)
PUT_METRIC = call("cloudwatch:PutMetricData", METRIC, read=False)
READ_METRIC = call("cloudwatch:GetMetricData", METRIC)
PUT_LOG = call("logs:PutLogEvents", LOGS, read=False)
LOG_STREAM = call("logs:CreateLogStream", read=False)
UPDATE_CODE = call("lambda:UpdateFunctionCode", name="UpdateFunctionCode20150331v2", read=False)
CREATE_FUNCTION = call("lambda:CreateFunction", name="CreateFunction20150331", read=False)
DELETE_FUNCTION = call("lambda:DeleteFunction", name="DeleteFunction20150331", read=False)
GET_FUNCTION = call("lambda:GetFunction", name="GetFunction20150331v2")
LIST_FUNCTIONS = call("lambda:ListFunctions", name="ListFunctions20150331")
ASSUME = call("sts:AssumeRole", read=True)
ASSUME_AS = replace(ASSUME, also=("sts:SetSourceIdentity",))
WEB, SAML = (call("", name=f"AssumeRoleWith{one}", source="sts", read=True) for one in ("WebIdentity", "SAML"))
WHO = call("", name="GetCallerIdentity", source="sts", read=True)
LOGIN = Call("", "ConsoleLogin", "signin", False, region=GLOBAL, type="AwsConsoleSignIn", version="1.09")
FEDERATE = Call("", "Federate", "sso", False, type="AwsServiceEvent", version="1.10")
