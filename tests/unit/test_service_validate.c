/* Everything but addresses that validation says of a Service. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define DNS1035                                                                                                        \
	"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, " \
	"and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "             \
	"'[a-z]([-a-z0-9]*[a-z0-9])?')"

static void types(void **state)
{
	static const struct service_case cases[] = {
	    {"unknown",
	     36,			"v4",
	     NULL,				  "{type: Bogus, ports: [{port: 80}]}",
	     "422 spec.type: Unsupported value: \"Bogus\": supported values: \"ClusterIP\", "
	     "\"ExternalName\", \"LoadBalancer\", \"NodePort\"",											    {0}},
	    {"no ports",            36, "v4", NULL, "{}",								 "422 spec.ports: Required value", {0}},
	    {"headless needs none",
	     36,			"v4",
	     NULL,				  "{clusterIP: None, selector: {a: b}}",
	     "ok SingleStack IPv4 None",														    {0}},
	    {"headless NodePort",
	     36,			"v4",
	     NULL,				  "{type: NodePort, clusterIP: None, ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort "
	     "services",																    {0}},
	    {"ExternalName",
	     36,			"v4",
	     NULL,				  "{type: ExternalName, clusterIP: None, ipFamilyPolicy: SingleStack}",
	     "422 [spec.clusterIPs: Forbidden: may not be set for ExternalName services, "
	     "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services, "
	     "spec.externalName: Required value]",													  {0}},
	    {"kubelet port",
	     32,			"v4",
	     NULL,				  "{type: LoadBalancer, ports: [{port: 10250}]}",
	     "422 spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is "
	     "used by kubelet",															     {0}},
	    {"kubelet port, 1.33",
	     33,			"v4",
	     NULL,				  "{type: LoadBalancer, ports: [{port: 10250}]}",
	     "ok SingleStack IPv4 <IPv4>",														  {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void ports(void **state)
{
	static const struct service_case cases[] = {
	    {"numbers",
	     36, "v4",
	     NULL, "{ports: [{name: a, port: 0, targetPort: 65536}, {port: 80, protocol: TLS, targetPort: "
	     "Http-}]}",						  "422 [spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, "
	     "spec.ports[0].targetPort: Invalid value: 65536: must be between 1 and 65535, inclusive, "
	     "spec.ports[1].name: Required value, spec.ports[1].protocol: Unsupported value: \"TLS\": "
	     "supported values: \"SCTP\", \"TCP\", \"UDP\", spec.ports[1].targetPort: Invalid value: "
	     "\"Http-\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), "
	     "spec.ports[1].targetPort: Invalid value: \"Http-\": must not begin or end with a hyphen]", {0}},
	    {"names",
	     36, "v4",
	     NULL, "{ports: [{name: a, port: 1}, {name: a, port: 2}, {name: A, port: 3}]}",
	     "422 [spec.ports[1].name: Duplicate value: \"a\", spec.ports[2].name: Invalid value: "
	     "\"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
	     "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
	     "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')]",							  {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void policies(void **state)
{
	static const struct service_case cases[] = {
	    {"affinity",
	     36, "v4",
	     NULL, "{sessionAffinity: Sticky, ports: [{port: 80}]}",
	     "422 spec.sessionAffinity: Unsupported value: \"Sticky\": supported values: \"ClientIP\", "
	     "\"None\"",										 {0}},
	    {"timeout",
	     36, "v4",
	     NULL, "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}, "
	     "ports: [{port: 80}]}",						 "422 spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be "
	     "greater than 0 and less than 86400", {0}},
	    {"external traffic, ClusterIP",
	     28, "v4",
	     NULL, "{externalTrafficPolicy: Local, ports: [{port: 80}]}",
	     "422 spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set when `type` is "
	     "'NodePort' or 'LoadBalancer'",							     {0}},
	    /* conditional_validation.go:validateMixedProtocolLBService, gate off up to 1.23 */
	    {"two protocols, 1.23",
	     23, "v4",
	     NULL, "{type: LoadBalancer, ports: [{name: a, port: 53, nodePort: 30053}, {name: b, port: 53, protocol: UDP, "
	     "targetPort: dns}]}",
	     "422 spec.ports: Invalid value: []core.ServicePort{core.ServicePort{Name:\"a\", Protocol:\"TCP\", "
	     "AppProtocol:(*string)(nil), Port:53, TargetPort:intstr.IntOrString{Type:0, IntVal:53, StrVal:\"\"}, "
	     "NodePort:30053}, core.ServicePort{Name:\"b\", Protocol:\"UDP\", AppProtocol:(*string)(nil), Port:53, "
	     "TargetPort:intstr.IntOrString{Type:1, IntVal:0, StrVal:\"dns\"}, NodePort:30053}}: may not contain more than "
	     "1 protocol when type is 'LoadBalancer'", {0}},
	    {"two protocols, 1.24",
	     24, "v4",
	     NULL, "{type: LoadBalancer, ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]}",
	     "ok SingleStack IPv4 <IPv4>", {0}},
	    /* validation.go:validateServiceExternalTrafficPolicy of 1.23 */
	    {"external traffic, ClusterIP, 1.23",
	     23, "v4",
	     NULL, "{externalTrafficPolicy: Local, healthCheckNodePort: 30001, ports: [{port: 80}]}",
	     "422 [spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set when `type` is 'NodePort' or "
	     "'LoadBalancer', spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is "
	     "'LoadBalancer' and `externalTrafficPolicy` is 'Local']", {0}},
	    {"external traffic, value, 1.25",
	     25, "v4",
	     NULL, "{type: NodePort, externalTrafficPolicy: Global, ports: [{port: 80}]}",
	     "422 spec.externalTrafficPolicy: Unsupported value: \"Global\": supported values: \"Cluster\", \"Local\"", {0}},
	    {"external traffic, external address",
	     29, "v4",
	     NULL, "{externalTrafficPolicy: Local, externalIPs: [192.0.2.1], ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4>",							       {0}},
	    {"external traffic, value",
	     36, "v4",
	     NULL, "{type: NodePort, externalTrafficPolicy: Global, ports: [{port: 80}]}",
	     "422 spec.externalTrafficPolicy: Unsupported value: \"Global\": supported values: "
	     "\"Cluster\", \"Local\"",								   {0}},
	    {"internal traffic, value",
	     26, "v4",
	     NULL, "{internalTrafficPolicy: Node, ports: [{port: 80}]}",
	     "422 spec.internalTrafficPolicy: Unsupported value: \"Node\": supported values: "
	     "\"Cluster\", \"Local\"",								   {0}},
	    {"distribution",
	     33, "v4",
	     NULL, "{trafficDistribution: PreferSameZone, ports: [{port: 80}]}",
	     "422 spec.trafficDistribution: Unsupported value: \"PreferSameZone\": supported values: "
	     "\"PreferClose\"",									  {0}},
	    {"distribution, 1.34",
	     34, "v4",
	     NULL, "{trafficDistribution: PreferSameZone, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4>",							       {0}},
	    {"class of another type",
	     36, "v4",
	     NULL, "{loadBalancerClass: a, allocateLoadBalancerNodePorts: true, ports: [{port: 80}]}",
	     "422 [spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is "
	     "'LoadBalancer', spec.loadBalancerClass: Forbidden: may only be used when `type` is "
	     "'LoadBalancer']",									  {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void metadata(void **state)
{
	static const struct service_case cases[] = {
	    {"digit first",
	     35, "v4",
	     NULL, "!metadata: {name: 9web}\nspec: {ports: [{port: 80}]}",
	     "422 Service \"9web\" is invalid: metadata.name: Invalid value: \"9web\": a DNS-1035 label "
	     "must consist of lower case alphanumeric characters or '-', start with an alphabetic "
	     "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex "
	     "used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",			 {0}},
	    {"digit first, 1.36",
	     36, "v4",
	     NULL, "!metadata: {name: 9web}\nspec: {ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4>",						   {0}},
	    {"stored once already", 36, "v4", NULL,
	     "!metadata: {name: web, resourceVersion: \"7\"}\nspec: {ports: [{port: 80}]}",
	     "500 resourceVersion should not be set on objects to be created", {0}},
	    {"no name",
	     36, "v4",
	     NULL, "!spec: {ports: [{port: 80}]}",
	     "422 Service \"\" is invalid: metadata.name: Required value: name or generateName is "
	     "required",								     {0}},
	    /* util/validation/validation.go:IsDNS1123Label since 1.27 */
	    {"dots, 1.36",
	     36, "v4",
	     NULL, "!metadata: {name: web.v2}\nspec: {ports: [{port: 80, name: a.b}]}",
	     "422 Service \"web.v2\" is invalid: [metadata.name: Invalid value: \"web.v2\": must not contain dots, "
	     "spec.ports[0].name: Invalid value: \"a.b\": must not contain dots]", {0}},
	    {"dots, 1.26",
	     26, "v4",
	     NULL, "{ports: [{port: 80, name: a.b}]}",
	     "422 spec.ports[0].name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of lower case "
	     "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
	     "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')", {0}},
	    /* util/validation/validation.go:MaxLenError; label keys by api/validate/content/errors.go from 1.35 */
	    {"long names",
	     36, "v4",
	     NULL, "!metadata: {name: web, labels: {" X64 ": a}}\nspec: {ports: [{port: 80, targetPort: "
	     "abcdefghijklmnop}]}",
	     "422 [metadata.labels: Invalid value: \"" X64 "\": name part must be no more than 63 bytes, "
	     "spec.ports[0].targetPort: Invalid value: \"abcdefghijklmnop\": must be no more than 15 characters]", {0}},
	    {"long label key, 1.34",
	     34, "v4",
	     NULL, "!metadata: {name: web, labels: {" X64 ": a}}\nspec: {ports: [{port: 80}]}",
	     "422 metadata.labels: Invalid value: \"" X64 "\": name part must be no more than 63 characters", {0}},
	    /* api/validation/objectmeta.go:ValidateAnnotations, ValidateObjectMetaAccessor: as it was written */
	    {"the value that is shown",
	     35, "v4",
	     NULL, "!metadata: {generateName: Web-, annotations: {A/: \"\"}}\nspec: {ports: [{port: 80}]}",
	     "422 Service \"Web-xxxxx\" is invalid: [metadata.generateName: Invalid value: \"Web-\": " DNS1035
	     ", metadata.name: Invalid value: \"Web-xxxxx\": " DNS1035 ", metadata.annotations: Invalid value: \"A/\": name "
	     "part must be non-empty, metadata.annotations: Invalid value: \"A/\": name part must consist of alphanumeric "
	     "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
	     "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')]", {0}},
	    {"label",
	     36, "v4",
	     NULL, "!metadata: {name: web, labels: {a/b/c: \"-\"}}\nspec: {ports: [{port: 80}]}",
	     "422 [metadata.labels: Invalid value: \"a/b/c\": a valid label key must consist of "
	     "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
	     "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
	     "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
	     "(e.g. 'example.com/MyName'), metadata.labels: Invalid value: \"-\": a valid label must be "
	     "an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
	     "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
	     "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')]", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types),
	    cmocka_unit_test(ports),
	    cmocka_unit_test(policies),
	    cmocka_unit_test(metadata),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
