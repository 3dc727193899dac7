/* What NVML tells of links: the fields of nvml.md section 3 by link, and the older functions. */
#include "abi_exports.h"

#define SUM_OF_LINKS UINT32_MAX /* scopeId of the fields 138-141 */
#define ERROR_COUNTERS 5        /* NVML_NVLINK_ERROR_COUNT */

static bool nvlink5(void) { return world.profile->nvlink_version >= 5; }

static void put(nvmlFieldValue_t *field, unsigned type, uint64_t value) {
    field->valueType = type;
    if (type == VALUE_UNSIGNED_INT)
        field->value.uiVal = (unsigned)value;
    else
        field->value.ullVal = value;
}

static uint64_t sum(struct device *device, enum link_quantity quantity) {
    uint64_t total = 0;
    for (unsigned i = 0, links = nvlinks_of(device); i < links; i++)
        total += link_value(device, (struct link_place){.number = i}, quantity);
    return total;
}

/* 138, 140: sent, 139, 141: received; in KiB. Data and raw are one here: no protocol is modelled. */
static bool put_throughput(struct device *device, nvmlFieldValue_t *field) {
    enum link_quantity quantity = field->fieldId % 2 == 0 ? LINK_transmit_bytes : LINK_receive_bytes;
    struct link_place place = {.number = field->scopeId};
    if (field->scopeId != SUM_OF_LINKS && !link_exists(device, place))
        return false;
    uint64_t bytes = field->scopeId == SUM_OF_LINKS ? sum(device, quantity) : link_value(device, place, quantity);
    put(field, VALUE_UNSIGNED_LONG_LONG, bytes >> 10);
    return true;
}

/* The quantity of a field of one link, or -1; what the header refuses before or from Blackwell on is refused here. */
static int quantity_of(unsigned id) {
    if (id == 161 || id == 162 || id == 163)
        return nvlink5() ? -1 : id == 161 ? LINK_replay : id == 162 ? LINK_recovery : LINK_crc;
    if (!nvlink5())
        return -1;
    if (id >= 201 && id <= 204)
        return LINK_transmit_packets + (int)(id - 201);
    if (id >= 206 && id <= 214)
        return LINK_malformed + (int)(id - 206);
    if (id >= 219 && id <= 222)
        return LINK_effective + (int)(id - 219);
    if (id >= 235 && id <= 250)
        return driver_at_least(570, 0) ? LINK_fec_0 + (int)(id - 235) : -1;
    return id == 293 && driver_at_least(595, 0) ? LINK_raw_ber : -1;
}

static bool put_of_link(struct device *device, nvmlFieldValue_t *field) {
    struct link_place place = {.number = field->scopeId};
    if (!link_exists(device, place))
        return false;
    uint64_t state = link_value(device, place, LINK_state);
    switch (field->fieldId) {
    case 164: /* negotiated: an inactive link has none */
        put(field, VALUE_UNSIGNED_INT, link_value(device, place, LINK_speed_mbps));
        return state != LINK_INACTIVE;
    case 165: put(field, VALUE_UNSIGNED_INT, state); return true;
    case 166: put(field, VALUE_UNSIGNED_INT, world.profile->nvlink_version); return true;
    case 167: put(field, VALUE_UNSIGNED_INT, state == LINK_SLEEP); return true;
    case 215:
        put(field, VALUE_UNSIGNED_LONG_LONG,
            link_value(device, place, LINK_recovery_success) + link_value(device, place, LINK_recovery_failure));
        return nvlink5();
    default: break;
    }
    int quantity = quantity_of(field->fieldId);
    if (quantity >= 0)
        put(field, VALUE_UNSIGNED_LONG_LONG, link_value(device, place, quantity));
    return quantity >= 0;
}

static bool put_c2c(struct device *device, nvmlFieldValue_t *field) {
    static const enum link_quantity later[] = {LINK_crc, LINK_replay, LINK_replay_back_to_back, LINK_power_state};
    unsigned links = c2c_links_of(device), id = field->fieldId;
    struct link_place place = {.c2c = true, .number = field->scopeId};
    if (links == 0 || (id >= 231 && !driver_at_least(575, 0)))
        return false;
    if (id == 170) {
        put(field, VALUE_UNSIGNED_INT, links);
        return true;
    }
    if (!link_exists(device, place))
        return false;
    enum link_quantity quantity = id == 171 ? LINK_state : id == 172 ? LINK_speed_mbps : later[id - 231];
    put(field, VALUE_UNSIGNED_INT, link_value(device, place, quantity));
    return true;
}

bool is_link_field(unsigned id) {
    return (id >= 138 && id <= 141) || (id >= 161 && id <= 167) || (id >= 170 && id <= 172) ||
           (id >= 201 && id <= 222) || (id >= 231 && id <= 250) || id == 293;
}

bool put_link_field(struct device *device, nvmlFieldValue_t *field) {
    unsigned id = field->fieldId;
    if (id >= 138 && id <= 141)
        return put_throughput(device, field);
    if ((id >= 170 && id <= 172) || (id >= 231 && id <= 234))
        return put_c2c(device, field);
    return put_of_link(device, field);
}

/* One quantity of a link, if there is such a link. */
static bool read_link(struct device *device, unsigned link, enum link_quantity quantity, uint64_t *value) {
    struct link_place place = {.number = link};
    pthread_mutex_lock(&device->lock);
    advance(device);
    bool exists = link_exists(device, place);
    if (exists)
        *value = link_value(device, place, quantity);
    pthread_mutex_unlock(&device->lock);
    return exists;
}

EXPORTED nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t handle, unsigned link, unsigned *active) {
    ENTER_DEVICE(nvmlDeviceGetNvLinkState);
    uint64_t state;
    NEED(active && read_link(device, link, LINK_state, &state));
    *active = state != LINK_INACTIVE;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetNvLinkVersion(nvmlDevice_t handle, unsigned link, unsigned *version) {
    ENTER_DEVICE(nvmlDeviceGetNvLinkVersion);
    uint64_t state;
    NEED(version && read_link(device, link, LINK_state, &state));
    *version = world.profile->nvlink_version;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetNvLinkRemoteDeviceType(nvmlDevice_t handle, unsigned link, unsigned *type) {
    ENTER_DEVICE(nvmlDeviceGetNvLinkRemoteDeviceType);
    uint64_t state, remote;
    NEED(type && read_link(device, link, LINK_state, &state) && read_link(device, link, LINK_remote, &remote));
    if (state == LINK_INACTIVE)
        return NVML_ERROR_NOT_SUPPORTED;
    *type = (unsigned)remote;
    return NVML_SUCCESS;
}

/* DL replay, recovery, CRC of flits; those of data and ECC are of older products. */
EXPORTED nvmlReturn_t nvmlDeviceGetNvLinkErrorCounter(nvmlDevice_t handle, unsigned link, unsigned counter,
                                                      unsigned long long *value) {
    static const enum link_quantity counters[] = {LINK_replay, LINK_recovery, LINK_crc};
    ENTER_DEVICE(nvmlDeviceGetNvLinkErrorCounter);
    uint64_t count;
    NEED(value && counter < ERROR_COUNTERS && read_link(device, link, LINK_state, &count));
    if (nvlink5() || counter >= sizeof counters / sizeof *counters)
        return NVML_ERROR_NOT_SUPPORTED;
    read_link(device, link, counters[counter], &count);
    *value = count;
    return NVML_SUCCESS;
}
