/* nvmlDeviceGetFieldValues: nvml.md section 3. Value types are those that the reference infers. */
#include <string.h>

#include "abi_exports.h"

enum { SCOPE_GPU, SCOPE_MODULE, SCOPE_MEMORY };

static void put_u32(nvmlFieldValue_t *field, int64_t value) {
    field->valueType = VALUE_UNSIGNED_INT;
    field->value.uiVal = (unsigned)value;
}

static void put_u64(nvmlFieldValue_t *field, int64_t value) {
    field->valueType = VALUE_UNSIGNED_LONG_LONG;
    field->value.ullVal = (unsigned long long)value;
}

static void put_i32(nvmlFieldValue_t *field, int64_t value) { /* the upper half of the union stays 0 */
    field->valueType = VALUE_SIGNED_INT;
    field->value.siVal = (int)value;
}

/* The numbers that drivers 575.51 to 580.76 gave to today's 269, 270, 271; none before 575 (nvml.md section 1.1). */
static unsigned first_reason_id(void) {
    return driver_at_least(580, 82) ? 269 : driver_at_least(575, 0) ? 251 : 0;
}

static bool put_reason(struct device *device, nvmlFieldValue_t *field) {
    unsigned first = first_reason_id();
    if (first == 0 || field->fieldId < first || field->fieldId > first + 2)
        return false;
    put_u64(field, observe(device, KEY_reason_ns_sw_thermal + (field->fieldId - first)));
    return true;
}

/* 251-268 in 570 and from 580.82, 256-273 between (nvml.md section 1.1): the first is whether it is on. */
static bool put_smoothing(struct device *device, nvmlFieldValue_t *field) {
    unsigned first = !driver_at_least(570, 0) ? 0 : driver_at_least(575, 0) && !driver_at_least(580, 82) ? 256 : 251;
    if (first == 0 || world.profile->architecture < 10)
        return false;
    if (field->fieldId == first)
        put_u32(field, observe(device, KEY_power_smoothing_enabled));
    else if (field->fieldId == first + 3)
        put_u32(field, observe(device, KEY_power_smoothing_ceiling_w));
    else if (field->fieldId == first + 4)
        put_u32(field, observe(device, KEY_power_smoothing_floor_w));
    else if (field->fieldId == first + 7)
        put_u32(field, observe(device, KEY_power_smoothing_lifetime_percent));
    else if (field->fieldId == first + 13)
        put_u32(field, observe(device, KEY_power_smoothing_profile));
    else if (field->fieldId == 275 && driver_at_least(590, 0)) /* the release is inferred from that of 274 */
        put_u32(field, observe(device, KEY_power_smoothing_primary_floor_w));
    else if (field->fieldId == 276 && driver_at_least(590, 0))
        put_u32(field, observe(device, KEY_power_smoothing_secondary_floor_w));
    else
        return false;
    return true;
}

static bool put_power(struct device *device, nvmlFieldValue_t *field, enum key key) {
    static const enum key scoped[] = {0, KEY_module_power_mw, KEY_memory_power_mw};
    if (field->scopeId > SCOPE_MEMORY || (field->scopeId != SCOPE_GPU && !has_scope(device, scoped[field->scopeId])))
        return false;
    put_u32(field, observe(device, field->scopeId == SCOPE_GPU ? key : scoped[field->scopeId]));
    return true;
}

/* The module has limits of its own, and no setter here. */
static bool put_limit(struct device *device, nvmlFieldValue_t *field, enum key key) {
    if (field->scopeId != SCOPE_GPU && !(field->scopeId == SCOPE_MODULE && has_scope(device, KEY_module_power_mw)))
        return false;
    put_u32(field, field->scopeId == SCOPE_GPU ? observe(device, key) : module_limit_mw(key));
    return true;
}

static bool put_ecc(struct device *device, nvmlFieldValue_t *field) {
    if (observe(device, KEY_ecc_mode) == 0)
        return false;
    put_u64(field, observe(device, KEY_ecc_volatile_corrected + (field->fieldId - 3)));
    return true;
}

/* The first id that the driver does not know; where it lies for drivers before 565 is inferred (nvml.md section 3). */
static unsigned first_unknown_id(void) {
    return driver_at_least(565, 0) ? UINT32_MAX : driver_at_least(555, 0) ? 201 : 197;
}

/* The header says that the value wraps; nvidia-smi has been seen to show totals below 2^32 only. The type is not known. */
static bool put_pcie_bytes(struct device *device, nvmlFieldValue_t *field, enum key key) {
    int64_t bits = observe(device, KEY_pcie_counter_bits);
    uint64_t value = (uint64_t)observe(device, key);
    put_u64(field, (int64_t)(bits < 64 ? value & ((1ULL << bits) - 1) : value));
    return driver_at_least(555, 0);
}

static bool put(struct device *device, nvmlFieldValue_t *field) {
    unsigned id = field->fieldId;
    if (id < FIELD_COUNT && world.missing_field[id])
        return false;
    if (id >= first_unknown_id())
        return false;
    if (put_reason(device, field) || put_smoothing(device, field))
        return true;
    if (is_link_field(id))
        return put_link_field(device, field);
    switch (id) {
    case 1: put_u32(field, observe(device, KEY_ecc_mode)); return true;
    case 2: put_u32(field, observe(device, KEY_ecc_mode_pending)); return true;
    case 3: case 4: case 5: case 6: return put_ecc(device, field);
    case 29: case 30: case 31: /* parts before Ampere; these replace rows instead, unless page_retirement is set */
        put_u32(field, observe(device, KEY_retired_single_bit + (id - 29)));
        return observe(device, KEY_page_retirement) != 0;
    case 74: put_u64(field, observe(device, KEY_reason_ns_sw_power_cap)); return true;
    case 75: put_u64(field, observe(device, KEY_reason_ns_sw_thermal) + observe(device, KEY_reason_ns_hw_thermal)); return true;
    case 76: put_u64(field, observe(device, KEY_reason_ns_sync_boost)); return true;
    case 77: case 78: case 79: put_u64(field, 0); return true;
    case 82:
        if (world.profile->no_memory_sensor)
            return false;
        put_u32(field, observe(device, KEY_memory_temperature_c)); return true;
    case 83: case 191: put_u64(field, observe(device, KEY_energy_mj)); return true;
    case 90: case 91:
        if (observe(device, KEY_nvlink_count) == 0)
            return false;
        put_u32(field, id == 90 ? world.profile->nvlink_mbps : observe(device, KEY_nvlink_count));
        return true;
    case 94: put_u32(field, observe(device, KEY_pcie_replays)); return true;
    case 95: put_u32(field, 0); return true;
    case 142: put_u32(field, observe(device, KEY_remapped_correctable)); return true;
    case 143: put_u32(field, observe(device, KEY_remapped_uncorrectable)); return true;
    case 144: put_u32(field, observe(device, KEY_remap_pending)); return true;
    case 145: put_u32(field, observe(device, KEY_remap_failed)); return true;
    case 169: put_u32(field, observe(device, KEY_pcie_l0_to_recovery)); return true;
    case 173: case 174: case 175: case 176: case 177: case 178: case 179: case 180: case 181: case 182:
        put_u32(field, observe(device, KEY_pcie_correctable + (id - 173))); return true;
    case 185: return put_power(device, field, KEY_power_mw);
    case 186: return put_power(device, field, KEY_power_instant_mw);
    case 187: return put_limit(device, field, KEY_power_limit_min_mw);
    case 188: return put_limit(device, field, KEY_power_limit_max_mw);
    case 189: return put_limit(device, field, KEY_power_limit_default_mw);
    case 190: return put_limit(device, field, KEY_enforced_power_limit_mw);
    case 192: return put_limit(device, field, KEY_power_limit_mw);
    case 193: case 194: case 195: case 196:
        if (world.profile->architecture < 8) /* T.Limit: Ada and later */
            return false;
        put_i32(field, (int)observe(device, KEY_margin_shutdown_c + (id - 193))); return true;
    case 197: return put_pcie_bytes(device, field, KEY_pcie_transmit_bytes);
    case 198: return put_pcie_bytes(device, field, KEY_pcie_receive_bytes);
    case 230:
        if (!driver_at_least(565, 0))
            return false;
        put_u32(field, observe(device, KEY_recovery_action));
        return true;
    default: return false;
    }
}

/* Success says only that the batch was looked at: every entry has its own result. */
static void force_code(struct device *device, nvmlFieldValue_t *field) {
    int code = field->fieldId < MOST_FIELDS ? atomic_load(&device->field_code[field->fieldId]) : 0;
    if (code == NVML_SUCCESS)
        return;
    if (atomic_load(&world.poison)) {
        put_u64(field, POISON_WORD);
        field->valueType = VALUE_UNSIGNED_INT;
    }
    field->nvmlReturn = (nvmlReturn_t)code;
}

/* Ids and scopes are the caller's; the rest of each entry looks as if it had been read. */
static nvmlReturn_t refused_fields(nvmlReturn_t result, int count, nvmlFieldValue_t *values) {
    for (int i = 0; values && atomic_load(&world.poison) && i < count; i++) {
        put_u64(&values[i], POISON_WORD);
        values[i].valueType = VALUE_UNSIGNED_INT;
        values[i].nvmlReturn = NVML_SUCCESS;
    }
    return result;
}

EXPORTED nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t handle, int count, nvmlFieldValue_t *values) {
    struct device *device;
    nvmlReturn_t entered = enter_device(FUNCTION_nvmlDeviceGetFieldValues, handle, &device);
    if (entered != NVML_SUCCESS)
        return refused_fields(entered, count, values);
    NEED(values && count > 0);
    int64_t began = monotonic_ns();
    long long timestamp = (long long)epoch_us();
    pthread_mutex_lock(&device->lock);
    advance(device);
    for (int i = 0; i < count; i++) {
        values[i].value.ullVal = 0;
        values[i].valueType = VALUE_DOUBLE;
        values[i].nvmlReturn = put(device, &values[i]) ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
        values[i].timestamp = timestamp;
        force_code(device, &values[i]);
    }
    pthread_mutex_unlock(&device->lock);
    long long latency = (monotonic_ns() - began) / 1000 + atomic_load(&device->slow_us);
    for (int i = 0; i < count; i++)
        values[i].latencyUsec = latency;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceClearFieldValues(nvmlDevice_t handle, int count, nvmlFieldValue_t *values) {
    ENTER_DEVICE(nvmlDeviceClearFieldValues);
    NEED(values && count > 0);
    for (int i = 0; i < count; i++)
        values[i].nvmlReturn = NVML_ERROR_NOT_SUPPORTED;
    return NVML_SUCCESS;
}
