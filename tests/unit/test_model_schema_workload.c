#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema_util.h"

#define POD(meta, spec, rest) "---\napiVersion: v1\nkind: Pod\nmetadata: {" meta "}\nspec: {" spec "}\n" rest
#define REF(path) "{name: A, valueFrom: {fieldRef: {fieldPath: " path "}}}"
#define ENV(path) "containers: [{name: c, env: [" REF(path) "]}]"

static const struct schema_row rows[] = {
	{"one address", POD("name: p", ENV("status.podIP"), ""),
	 "cluster.workloads[0].singleRefs.map(r, r.container + r.env + r.path) == ['cAstatus.podIP']"},
	{"and all of them", POD("name: p", "containers: [{env: [" REF("status.podIP") ", " REF("status.podIPs") "]}]", ""),
	 "size(cluster.workloads[0].singleRefs) == 0 && size(cluster.workloads[0].addressRefs) == 2"},
	{"in another container", POD("name: p", "initContainers: [{env: [" REF("status.podIPs") "]}], " ENV("status.podIP"), ""),
	 "cluster.workloads[0].singleRefs[0].field == 'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath' && "
	 "cluster.workloads[0].addressRefs[0].field.startsWith('spec.initContainers[0].')"},
	{"other fields", POD("name: p", ENV("metadata.annotations['podIP']"), "") POD("name: q", ENV("status.phase"), ""),
	 "cluster.workloads.all(w, size(w.addressRefs) == 0)"},
	{"a Pod whose maker is there",
	 POD("name: p, ownerReferences: [{kind: DaemonSet, name: d}]", ENV("status.podIP"), "")
	 "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: d}\nspec: {template: {spec: {" ENV("status.podIP") "}}}\n",
	 "size(cluster.workloads[0].addressRefs) == 0 && size(cluster.workloads[1].addressRefs) == 1"},
	{"Pods whose maker is not",
	 POD("name: p, ownerReferences: [{kind: DaemonSet, name: d}]", ENV("status.podIP"), "")
	 POD("name: q, ownerReferences: [{kind: DaemonSet, name: d}]", ENV("status.podIP"), "")
	 POD("name: q, namespace: x, ownerReferences: [{kind: DaemonSet, name: d}]", ENV("status.podIP"), ""),
	 "cluster.workloads.map(w, size(w.addressRefs)) == [1, 0, 1]"},
	{"probes of components only",
	 POD("name: p", "containers: [{command: [nginx, --bind-address=::1], livenessProbe: {httpGet: {host: 127.0.0.1}}}, "
	 "{command: [/x/kube-scheduler, --bind-address, '::1'], args: [--bind-address=::2], livenessProbe: {httpGet: {host: 127.0.0.1}}, "
	 "readinessProbe: {tcpSocket: {port: 1}}, startupProbe: {tcpSocket: {host: h}}}]", ""),
	 "cluster.workloads[0].hostProbes.map(p, p.probe + ' ' + p.host + ' ' + p.bindAddress) == "
	 "['livenessProbe 127.0.0.1 ::2', 'startupProbe h ::2']"},
	{"an address known only there",
	 POD("name: p", "containers: [{command: [kube-scheduler, --bind-address=$(IP)], livenessProbe: {httpGet: {host: 127.0.0.1}}}]", ""),
	 "?cluster.workloads[0].hostProbes[0].bindAddress == ''"},
	{"on the host's network",
	 POD("name: p", "nodeName: a, hostNetwork: true, containers: []", "status: {podIPs: [{ip: 10.0.0.1}]}\n")
	 "---\napiVersion: v1\nkind: Node\nmetadata: {name: a}\nstatus: {addresses: [{type: Hostname, address: a}, "
	 "{type: InternalIP, address: 10.0.0.1}, {type: InternalIP, address: 10.0.0.2}, {type: InternalIP, address: 'fd00::1'}]}\n",
	 "cluster.workloads[0].hostPodIPs == ['10.0.0.1'] && cluster.workloads[0].nodeIPs == ['10.0.0.1', 'fd00::1']"},
	{"not on it", POD("name: p", "nodeName: a, containers: []", "status: {podIPs: [{ip: 10.0.0.1}]}\n"),
	 "!has(cluster.workloads[0].hostPodIPs) && !has(cluster.workloads[0].nodeIPs)"},
	{"oddly shaped", POD("name: p, ownerReferences: [5, {kind: []}]", "hostNetwork: x, containers: [5, {env: 3}, {env: [4, {valueFrom: 5}], command: 7}]", "status: 4\n"),
	 "size(cluster.workloads) == 1"},
};

static void rules_see(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void memory_may_end_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		check_memory(rows[i].objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_see),
		cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
