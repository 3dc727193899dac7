/*
 * The links of a device, NVLink and C2C: per link what the fields of nvml.md section 3 tell. The control protocol names
 * a quantity of a link `link3.malformed`, `c2c0.replay`. Counters of traffic grow with load while the link is active.
 */
#ifndef MILLWRIGHT_LINKS_H
#define MILLWRIGHT_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_NVLINKS 36 /* NVML_NVLINK_MAX_LINKS */
#define MAX_C2C_LINKS 16
#define FEC_BINS 16

#define LINK_QUANTITIES(Q)                                                                                     \
    Q(state) Q(remote) Q(speed_mbps) Q(power_state)                                                            \
    Q(transmit_packets) Q(transmit_bytes) Q(receive_packets) Q(receive_bytes) /* fields 201-204, in order */   \
    Q(malformed) Q(buffer_overrun) Q(receive) Q(receive_remote) Q(receive_general) Q(local_integrity)          \
    Q(transmit_discard) Q(recovery_success) Q(recovery_failure)               /* 206-214 */                    \
    Q(effective) Q(effective_ber) Q(symbol) Q(symbol_ber)                     /* 219-222 */                    \
    Q(raw_ber) Q(replay) Q(recovery) Q(crc) Q(replay_back_to_back)                                             \
    Q(fec_0) Q(fec_1) Q(fec_2) Q(fec_3) Q(fec_4) Q(fec_5) Q(fec_6) Q(fec_7)                                    \
    Q(fec_8) Q(fec_9) Q(fec_10) Q(fec_11) Q(fec_12) Q(fec_13) Q(fec_14) Q(fec_15)

enum link_quantity {
#define Q(name) LINK_##name,
    LINK_QUANTITIES(Q)
#undef Q
    LINK_QUANTITY_COUNT
};

_Static_assert(LINK_receive_bytes == LINK_transmit_packets + 3, "fields 201-204");
_Static_assert(LINK_recovery_failure == LINK_malformed + 8, "fields 206-214");
_Static_assert(LINK_symbol_ber == LINK_effective + 3, "fields 219-222");

enum link_state { LINK_INACTIVE, LINK_ACTIVE, LINK_SLEEP };

/* An overridden counter stands still, as those of keys.h do, and goes on from there. */
struct link {
    uint64_t value[LINK_QUANTITY_COUNT];
    bool overridden[LINK_QUANTITY_COUNT];
};

struct link_place {
    bool c2c, all; /* all: every link of the type */
    unsigned number;
};

struct device;

/* All of these but the parsers want device->lock held. */
unsigned nvlinks_of(struct device *device);
unsigned c2c_links_of(struct device *device);
void settle_links(struct device *device);  /* as after a reset: trained anew, nothing counted */
void advance_links(struct device *device, double load_seconds);
void set_link(struct device *device, struct link_place place, enum link_quantity quantity, uint64_t value);
void add_to_link(struct device *device, struct link_place place, enum link_quantity quantity, uint64_t amount);
void unset_link(struct device *device, struct link_place place, enum link_quantity quantity);
void unset_links(struct device *device);
uint64_t link_value(struct device *device, struct link_place place, enum link_quantity quantity);
bool link_exists(struct device *device, struct link_place place);

bool link_error_by_name(const char *name, enum link_quantity *quantity);
bool parse_link_place(const char *text, struct link_place *place); /* 3, c0, all */
/* link3.malformed or c2c0.replay: whether the text is meant as one; a wrong one has a NULL `quantity_name` or quantity -1. */
bool parse_link_key(const char *text, struct link_place *place, int *quantity);
const char *link_quantity_names(void);
const char *link_error_names(void);

#endif
