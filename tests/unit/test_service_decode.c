/* Bodies: wrong types, unknown and duplicate fields, nulls. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static void wrong_types(void **state)
{
	static const struct service_case cases[] = {
		{"text for a list", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"clusterIPs\":\"x\"}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "string into Go struct field ServiceSpec.spec.clusterIPs of type []string", {0}},
		{"number in a list", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"clusterIPs\":[5]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.clusterIPs of type string", {0}},
		{"list for a policy", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ipFamilyPolicy\":[\"x\"]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "array into Go struct field ServiceSpec.spec.ipFamilyPolicy of type v1.IPFamilyPolicy", {0}},
		{"text for families", 33, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ipFamilies\":\"IPv4\"}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "string into Go struct field ServiceSpec.spec.ipFamilies of type []v1.IPFamily", {0}},
		{"object in families", 33, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ipFamilies\":[{}]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "object into Go struct field ServiceSpec.spec.ipFamilies of type v1.IPFamily", {0}},
		{"bool for text", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"clusterIP\":true}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal bool "
		 "into Go struct field ServiceSpec.spec.clusterIP of type string", {0}},
		{"text for a port", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":\"80\"}]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "string into Go struct field ServicePort.spec.ports.port of type int32", {0}},
		{"fraction for a port", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":80.5}]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number 80.5 into Go struct field ServicePort.spec.ports.port of type int32", {0}},
		{"too large a port", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":4294967296}]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number 4294967296 into Go struct field ServicePort.spec.ports.port of type int32", {0}},
		{"number for a port entry", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[80]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.ports of type v1.ServicePort", {0}},
		{"object for ports", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":{}}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort", {0}},
		{"text for spec", 36, "v4", NULL,
		 "!{\"spec\":\"x\"}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "string into Go struct field Service.spec of type v1.ServiceSpec", {0}},
		{"number in a selector", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"selector\":{\"a\":1}}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.selector of type string", {0}},
		{"list for a selector", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"selector\":[\"a\"]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "array into Go struct field ServiceSpec.spec.selector of type map[string]string", {0}},
		{"text for a bool", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"allocateLoadBalancerNodePorts\":\"true\"}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "string into Go struct field ServiceSpec.spec.allocateLoadBalancerNodePorts of type bool", {0}},
		{"label", 36, "v4", NULL,
		 "!{\"metadata\":{\"labels\":{\"a\":true}}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal bool "
		 "into Go struct field ObjectMeta.metadata.labels of type string", {0}},
		{"the first error is told", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"type\":5,\"clusterIP\":6}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.type of type v1.ServiceType", {0}},
		{"but targetPort speaks for itself", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"type\":5,\"ports\":[{\"targetPort\":true}]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal bool "
		 "into Go struct field ServicePort.spec.ports.targetPort of type int32", {0}},
		{"a time", 36, "v4", NULL, "!{\"kind\":\"Service\",\"spec\":5,\"metadata\":{\"creationTimestamp\":7}}",
	     "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal number into Go struct "
	     "field ObjectMeta.metadata.creationTimestamp of type string", {0}},
	    {"YAML is typed before", 36, "v4", NULL,
		 "{clusterIP: 10, ports: [{port: 80}]}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.clusterIP of type string", {0}},
		/* staging/src/k8s.io/api/core/v1/types.go of 1.23 and 1.26 */
		{"policy's type name, 1.23", 23, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ipFamilyPolicy\":5}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.ipFamilyPolicy of type v1.IPFamilyPolicyType", {0}},
		{"traffic policy's type name, 1.27", 27, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"externalTrafficPolicy\":5}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.externalTrafficPolicy of type v1.ServiceExternalTrafficPolicy",
		 {0}},
		{"type name before 1.27", 26, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"internalTrafficPolicy\":5}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal "
		 "number into Go struct field ServiceSpec.spec.internalTrafficPolicy of type "
		 "v1.ServiceInternalTrafficPolicyType", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void leniency(void **state)
{
	static const struct service_case cases[] = {
		{"nulls are nothing", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"clusterIP\":null,\"clusterIPs\":null,\"ipFamilies\":null,\"ipFamilyPolicy\":null,\"type\":null,\"ports\":[{\"port\":80,\"targetPort\":null}]}}",
		 "ok SingleStack IPv4 <IPv4>", {0}},
		{"null in a list is empty text", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"clusterIP\":\"10.96.0.9\",\"clusterIPs\":[\"10.96.0.9\",null],\"ports\":[{\"port\":80}]}}",
		 "422 spec.clusterIPs[1]: Invalid value: \"\": must be a valid IP address, (e.g. 10.9.8.7 "
		 "or 2001:db8::ffff)", {0}},
		{"unknown", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ipFamiles\":[],\"clusterip\":\"x\",\"ports\":[{\"port\":80,\"x\":1}]}}",
		 "ok SingleStack IPv4 <IPv4> | unknown field \"spec.ipFamiles\" | unknown field "
		 "\"spec.clusterip\" | unknown field \"spec.ports[0].x\"", {0}},
		{"unknown, 1.24", 24, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ipFamiles\":[],\"ports\":[{\"port\":80}]}}",
		 "ok SingleStack IPv4 <IPv4>", {0}},
		{"not known yet", 29, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"trafficDistribution\":\"PreferClose\",\"ports\":[{\"port\":80}]}}",
		 "ok SingleStack IPv4 <IPv4> | unknown field \"spec.trafficDistribution\"", {0}},
		{"YAML is sent with its keys sorted", 36, "v4", NULL, "{b: 1, a: 2, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4> | unknown field \"spec.a\" | unknown field \"spec.b\"", {0}},
	    {"JSON as it stands", 36, "v4", NULL,
	     "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"b\":1,\"a\":2,\"ports\":[{\"port\":80}]}}",
	     "ok SingleStack IPv4 <IPv4> | unknown field \"spec.b\" | unknown field \"spec.a\"", {0}},
	    {"merged keys stand back", 36, "v4", NULL,
	     "!metadata: {name: web}\nspec: {<<: {clusterIP: x, type: NodePort}, clusterIP: 10.96.0.9, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.9", {0}},
	    {"strict", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"a\":1,\"b\":2,\"ports\":[{\"port\":80}]}}",
		 "400 Service in version \"v1\" cannot be handled as a Service: strict decoding error: "
		 "unknown field \"spec.a\", unknown field \"spec.b\"",
		 {.field_validation = DS_FIELDS_STRICT}},
		{"ignored", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"a\":1,\"ports\":[{\"port\":80}]}}",
		 "ok SingleStack IPv4 <IPv4>",
		 {.field_validation = DS_FIELDS_IGNORE}},
		{"the last duplicate wins", 36, "v4", NULL,
		 "!{\"metadata\":{\"name\":\"web\"},\"spec\":{\"clusterIP\":\"x\",\"clusterIP\":\"10.96.0.9\",\"selector\":{\"a\":\"b\",\"a\":\"c\"},\"ports\":[{\"port\":80}]}}",
		 "ok SingleStack IPv4 10.96.0.9 | duplicate field \"spec.clusterIP\" | duplicate field "
		 "\"spec.selector.a\"", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_types),
		cmocka_unit_test(leniency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
