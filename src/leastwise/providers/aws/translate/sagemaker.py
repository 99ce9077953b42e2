"""SageMaker: notebooks, domains and their users, endpoints with the models they serve, training jobs; their roles."""

from __future__ import annotations

from .acting import acts, describe
from .context import Context
from .names import region_of
from .registry import reads
from .saved import Saved


class Studio:
    """Users that run as the role of their domain, and endpoints that run as the roles of their models."""

    def __init__(self) -> None:
        self.domains: dict[str, str | None] = {}
        self.users: list[tuple[str, str, Saved]] = []
        self.models: dict[tuple[str, str], str] = {}
        self.configurations: dict[tuple[str, str], tuple[str | None, list[str]]] = {}
        self.endpoints: list[tuple[str, str, str, Saved]] = []

    def join(self, context: Context) -> None:
        """A configuration's own role comes before those of its models."""
        for user, domain, saved in self.users:
            if domain not in self.domains:
                why = "users of domains in no describe-domain answer"
                context.lost("sagemaker", "DescribeDomain", why, user, "the roles that these users run as")
            acts(context, saved, user, self.domains.get(domain))
        for endpoint, region, name, saved in self.endpoints:
            if (region, name) not in self.configurations:
                why = "endpoints of configurations in no describe-endpoint-config answer"
                context.lost("sagemaker", "DescribeEndpointConfig", why, endpoint, "the roles that endpoints run as")
            role, models = self.configurations.get((region, name), (None, []))
            roles = [role] if role else [self.models.get((region, model)) for model in models]
            acts(context, saved, endpoint, roles)


@reads("sagemaker.describe-notebook-instance")
def _notebook(saved: Saved, context: Context) -> None:
    id = saved.text("NotebookInstanceArn")
    describe(
        context, saved, id,
        {
            "status": saved.maybe("NotebookInstanceStatus"), "root_access": saved.maybe("RootAccess"),
            "direct_internet": saved.maybe("DirectInternetAccess"), "security_groups": saved.texts("SecurityGroups"),
        },
        name=saved.maybe("NotebookInstanceName"), created=saved.time("CreationTime"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, saved.maybe("RoleArn"))


@reads("sagemaker.describe-domain")
def _domain(saved: Saved, context: Context) -> None:
    id, settings = saved.text("DomainArn"), saved.node("DomainSettings")
    describe(
        context, saved, id,
        {
            "status": saved.maybe("Status"), "sign_in": saved.maybe("AuthMode"),
            "network": saved.maybe("AppNetworkAccessType"),
            "role_identity": settings.maybe("ExecutionRoleIdentityConfig"),
        },
        name=saved.maybe("DomainName"), created=saved.time("CreationTime"), policy_known=True,
    )  # fmt: skip
    users = saved.node("DefaultUserSettings").maybe("ExecutionRole")
    acts(context, saved, id, (users, saved.node("DefaultSpaceSettings").maybe("ExecutionRole")))
    acts(context, saved, id, settings.node("RStudioServerProDomainSettings").maybe("DomainExecutionRoleArn"))
    context.joined(Studio).domains[saved.text("DomainId")] = users


@reads("sagemaker.describe-user-profile")
def _user(saved: Saved, context: Context) -> None:
    id, domain = saved.text("UserProfileArn"), saved.text("DomainId")
    describe(
        context, saved, id,
        {
            "status": saved.maybe("Status"), "domain": domain, "signs_in_by": saved.maybe("SingleSignOnUserIdentifier"),
            "signs_in_as": saved.maybe("SingleSignOnUserValue"),
        },
        name=saved.maybe("UserProfileName"), created=saved.time("CreationTime"), policy_known=True,
    )  # fmt: skip
    role = saved.node("UserSettings").maybe("ExecutionRole")
    if role:
        acts(context, saved, id, role)
    else:
        context.joined(Studio).users.append((id, domain, saved))


@reads("sagemaker.describe-endpoint")
def _endpoint(saved: Saved, context: Context) -> None:
    id, configuration = saved.text("EndpointArn"), saved.maybe("EndpointConfigName")
    describe(
        context, saved, id, {"status": saved.maybe("EndpointStatus"), "configuration": configuration},
        name=saved.maybe("EndpointName"), created=saved.time("CreationTime"), policy_known=True,
    )  # fmt: skip
    if configuration:
        context.joined(Studio).endpoints.append((id, region_of(id), configuration, saved))


@reads("sagemaker.describe-endpoint-config")
def _configuration(saved: Saved, context: Context) -> None:
    region, role = region_of(saved.text("EndpointConfigArn")), saved.maybe("ExecutionRoleArn")
    models = [name for one in saved.nodes("ProductionVariants") if (name := one.maybe("ModelName"))]
    context.joined(Studio).configurations[region, saved.text("EndpointConfigName")] = role, models


@reads("sagemaker.describe-model")
def _model(saved: Saved, context: Context) -> None:
    id, role = saved.text("ModelArn"), saved.maybe("ExecutionRoleArn")
    describe(
        context, saved, id, {"isolated": saved.flag("EnableNetworkIsolation")}, name=saved.maybe("ModelName"),
        created=saved.time("CreationTime"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, role)
    if role:
        context.joined(Studio).models[region_of(id), saved.text("ModelName")] = role


@reads("sagemaker.describe-training-job")
def _training(saved: Saved, context: Context) -> None:
    id = saved.text("TrainingJobArn")
    describe(
        context, saved, id,
        {"status": saved.maybe("TrainingJobStatus"), "isolated": saved.flag("EnableNetworkIsolation")},
        name=saved.maybe("TrainingJobName"), created=saved.time("CreationTime"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, saved.maybe("RoleArn"))
