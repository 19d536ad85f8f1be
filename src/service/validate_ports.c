#include "base/map.h"
#include "service/engine.h"

/* pkg/apis/core/validation/validation.go:validateServicePort and what validateService says of ports. */

static const char *port_field(struct ds__decision *d, size_t i, const char *child)
{
	return ds__text(d, "spec.ports[%zu].%s", i, child);
}

static void check_name(struct ds__decision *d, size_t i, struct ds_map *names)
{
	const struct ds_service_port *p = &d->svc.ports[i];

	if (p->name.n == 0) {
		if (d->svc.n_ports > 1)
			ds__required(d, port_field(d, i, "name"));
		return;
	}
	ds__dns1123_label(d, p->name, p->name, port_field(d, i, "name"));
	if (ds_map_get(names, p->name))
		ds__error(d, DS__DUPLICATE, port_field(d, i, "name"), ds__str(p->name), "");
	else if (ds_map_put(names, p->name, &d->svc.ports[i]) < 0)
		d->r = DS_ENOMEM;
}

static bool is_plain(const struct ds_service_port *p)
{
	return p->name.n == 0 && p->port >= 1 && p->port <= 65535 && DS__IS(p->protocol, "TCP") && !p->target_is_text &&
	       p->target_number >= 1 && p->target_number <= 65535 && !p->app_protocol.set;
}

static void check_port(struct ds__decision *d, size_t i, struct ds_map *names)
{
	static const char *const protocols[] = {"SCTP", "TCP", "UDP", NULL};
	const struct ds_service_port *p = &d->svc.ports[i];

	check_name(d, i, names);
	ds__port_number(d, p->port, port_field(d, i, "port"));
	if (p->protocol.n == 0)
		ds__required(d, port_field(d, i, "protocol"));
	else if (!DS__IS(p->protocol, "TCP") && !DS__IS(p->protocol, "UDP") && !DS__IS(p->protocol, "SCTP"))
		ds__not_supported(d, port_field(d, i, "protocol"), p->protocol, protocols);
	if (p->target_is_text)
		ds__port_name(d, p->target_text, port_field(d, i, "targetPort"));
	else
		ds__port_number(d, p->target_number, port_field(d, i, "targetPort"));
	if (p->app_protocol.set)
		ds__qualified_name(d, p->app_protocol.s, p->app_protocol.s, port_field(d, i, "appProtocol"));
}

void ds__validate_ports(struct ds__decision *d)
{
	struct ds_map names;

	if (d->svc.n_ports == 1 && is_plain(&d->svc.ports[0]))
		return; /* what most Services have, without building paths for it */
	ds_map_init(&names, d->arena);
	for (size_t i = 0; i < d->svc.n_ports && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++)
		check_port(d, i, &names);
}

static int64_t key_of(struct ds_str protocol, int32_t number)
{
	return ((int64_t)ds__protocol_number(protocol) << 32) | (uint32_t)number;
}

void ds__validate_duplicate_ports(struct ds__decision *d)
{
	struct ds__numbers node_ports, ports;

	if (d->svc.n_ports < 2)
		return;
	if (ds__numbers_init(&node_ports, d->arena, d->svc.n_ports) < 0 ||
	    ds__numbers_init(&ports, d->arena, d->svc.n_ports) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < d->svc.n_ports; i++) {
		const struct ds_service_port *p = &d->svc.ports[i];

		int32_t number = p->node_port;

		/* What is chosen freely differs, but on create ports of one number share theirs. */
		if (number == DS__CHOSEN_NODE_PORT)
			number = d->old ? 0 : -p->port;
		if (number && !ds__numbers_add(&node_ports, key_of(p->protocol, number)))
			ds__error(d, DS__DUPLICATE, port_field(d, i, "nodePort"), ds__number(p->node_port), "");
	}
	for (size_t i = 0; i < d->svc.n_ports; i++) {
		const struct ds_service_port *p = &d->svc.ports[i];

		if (!ds__numbers_add(&ports, key_of(p->protocol, p->port)))
			ds__error(d, DS__DUPLICATE, ds__text(d, "spec.ports[%zu]", i),
				  (struct ds__value){.kind = DS__V_PORT_KEY, .s = p->protocol, .number = p->port}, "");
	}
}
