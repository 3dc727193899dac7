/* NVLink and C2C links: their quantities and how these move. */
#include "links.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define NVLINK_BYTES_PER_SECOND 10e9 /* each direction of a link at full load; plausible, not measured */
#define BYTES_PER_PACKET 256
#define SWITCH 2 /* NVML_NVLINK_DEVICE_TYPE_SWITCH */
#define NO_BIT_ERRORS 0xFFF /* 15e-255, the least that the packed form can say above zero */

static const char *const names[LINK_QUANTITY_COUNT] = {
#define Q(name) #name,
    LINK_QUANTITIES(Q)
#undef Q
};

static const enum link_quantity errors[] = {
    LINK_malformed,        LINK_buffer_overrun,   LINK_receive,          LINK_receive_remote, LINK_receive_general,
    LINK_local_integrity,  LINK_transmit_discard, LINK_recovery_success, LINK_recovery_failure, LINK_effective,
    LINK_symbol,           LINK_replay,           LINK_recovery,         LINK_crc,            LINK_replay_back_to_back,
};

#define ERRORS (sizeof errors / sizeof *errors)

unsigned nvlinks_of(struct device *device) {
    int64_t count = observe(device, KEY_nvlink_count);
    return count < MAX_NVLINKS ? (unsigned)count : MAX_NVLINKS;
}

unsigned c2c_links_of(struct device *device) {
    int64_t count = observe(device, KEY_c2c_link_count);
    return count < MAX_C2C_LINKS ? (unsigned)count : MAX_C2C_LINKS;
}

static struct link *link_at(struct device *device, bool c2c, unsigned number) {
    return c2c ? &device->c2c_links[number] : &device->nvlinks[number];
}

static uint64_t untouched(bool c2c, enum link_quantity quantity) {
    switch (quantity) {
    case LINK_state: return LINK_ACTIVE;
    case LINK_remote: return SWITCH;
    case LINK_speed_mbps: return c2c ? world.profile->c2c_mbps : world.profile->nvlink_mbps;
    case LINK_effective_ber: case LINK_symbol_ber: case LINK_raw_ber: return NO_BIT_ERRORS;
    default: return 0;
    }
}

static void settle_link(struct link *link, bool c2c) {
    for (int quantity = 0; quantity < LINK_QUANTITY_COUNT; quantity++) {
        link->overridden[quantity] = false;
        link->value[quantity] = untouched(c2c, quantity);
    }
}

void settle_links(struct device *device) {
    for (unsigned i = 0; i < MAX_NVLINKS; i++)
        settle_link(&device->nvlinks[i], false);
    for (unsigned i = 0; i < MAX_C2C_LINKS; i++)
        settle_link(&device->c2c_links[i], true);
}

static void grow_link(struct link *link, enum link_quantity quantity, uint64_t amount) {
    if (!link->overridden[quantity])
        link->value[quantity] += amount;
}

void advance_links(struct device *device, double load_seconds) {
    uint64_t bytes = (uint64_t)(load_seconds * NVLINK_BYTES_PER_SECOND), packets = bytes / BYTES_PER_PACKET;
    for (unsigned i = 0, links = nvlinks_of(device); i < links; i++) {
        struct link *link = &device->nvlinks[i];
        if (link->value[LINK_state] != LINK_ACTIVE)
            continue;
        grow_link(link, LINK_transmit_bytes, bytes);
        grow_link(link, LINK_receive_bytes, bytes);
        grow_link(link, LINK_transmit_packets, packets);
        grow_link(link, LINK_receive_packets, packets);
        grow_link(link, LINK_fec_0, packets); /* bin 0: nothing had to be corrected */
    }
}

bool link_exists(struct device *device, struct link_place place) {
    return place.all || place.number < (place.c2c ? c2c_links_of(device) : nvlinks_of(device));
}

typedef void change(struct link *link, bool c2c, enum link_quantity quantity, uint64_t value);

static void each(struct device *device, struct link_place place, change *change, enum link_quantity quantity,
                 uint64_t value) {
    unsigned links = place.c2c ? c2c_links_of(device) : nvlinks_of(device);
    for (unsigned i = 0; i < links; i++)
        if (place.all || place.number == i)
            change(link_at(device, place.c2c, i), place.c2c, quantity, value);
}

static void set_one(struct link *link, bool c2c, enum link_quantity quantity, uint64_t value) {
    (void)c2c;
    link->value[quantity] = value;
    link->overridden[quantity] = true;
}

static void add_to_one(struct link *link, bool c2c, enum link_quantity quantity, uint64_t amount) {
    (void)c2c;
    link->value[quantity] += amount;
}

static bool grows(enum link_quantity quantity) {
    return (quantity >= LINK_transmit_packets && quantity <= LINK_receive_bytes) || quantity == LINK_fec_0;
}

static void unset_one(struct link *link, bool c2c, enum link_quantity quantity, uint64_t unused) {
    (void)unused;
    if (link->overridden[quantity] && !grows(quantity))
        link->value[quantity] = untouched(c2c, quantity);
    link->overridden[quantity] = false;
}

void set_link(struct device *device, struct link_place place, enum link_quantity quantity, uint64_t value) {
    each(device, place, set_one, quantity, value);
}

void add_to_link(struct device *device, struct link_place place, enum link_quantity quantity, uint64_t amount) {
    each(device, place, add_to_one, quantity, amount);
}

void unset_link(struct device *device, struct link_place place, enum link_quantity quantity) {
    each(device, place, unset_one, quantity, 0);
}

void unset_links(struct device *device) {
    for (int quantity = 0; quantity < LINK_QUANTITY_COUNT; quantity++) {
        unset_link(device, (struct link_place){.all = true}, quantity);
        unset_link(device, (struct link_place){.all = true, .c2c = true}, quantity);
    }
}

uint64_t link_value(struct device *device, struct link_place place, enum link_quantity quantity) {
    return link_at(device, place.c2c, place.number)->value[quantity];
}

bool link_error_by_name(const char *name, enum link_quantity *quantity) {
    for (size_t i = 0; i < ERRORS; i++)
        if (strcmp(names[*quantity = errors[i]], name) == 0)
            return true;
    return false;
}

static bool parse_number(const char *text, bool c2c, unsigned *number, char **end) {
    unsigned long value = strtoul(text, end, 10);
    *number = (unsigned)value;
    return isdigit((unsigned char)*text) && value < (c2c ? MAX_C2C_LINKS : MAX_NVLINKS);
}

bool parse_link_place(const char *text, struct link_place *place) {
    char *end;
    *place = (struct link_place){.c2c = *text == 'c', .all = strcmp(text, "all") == 0};
    return place->all || (parse_number(text + place->c2c, place->c2c, &place->number, &end) && !*end);
}

bool parse_link_key(const char *text, struct link_place *place, int *quantity) {
    bool c2c = strncmp(text, "c2c", 3) == 0 && isdigit((unsigned char)text[3]);
    if (!c2c && !(strncmp(text, "link", 4) == 0 && isdigit((unsigned char)text[4])))
        return false;
    char *end;
    *place = (struct link_place){.c2c = c2c};
    *quantity = -1;
    if (!parse_number(text + (c2c ? 3 : 4), c2c, &place->number, &end) || *end != '.')
        return true;
    for (int i = 0; i < LINK_QUANTITY_COUNT; i++)
        if (strcmp(names[i], end + 1) == 0)
            *quantity = i;
    return true;
}

static void append(char *list, size_t size, const char *name) {
    size_t used = strlen(list);
    snprintf(list + used, size - used, "%s%s", used ? " " : "", name);
}

const char *link_quantity_names(void) {
    static _Thread_local char list[1024];
    *list = '\0';
    for (int i = 0; i < LINK_QUANTITY_COUNT; i++)
        append(list, sizeof list, names[i]);
    return list;
}

const char *link_error_names(void) {
    static _Thread_local char list[512];
    *list = '\0';
    for (size_t i = 0; i < ERRORS; i++)
        append(list, sizeof list, names[errors[i]]);
    return list;
}
