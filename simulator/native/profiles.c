/*
 * The products. Numbers marked (ref) are in reference/nvml/nvml.md or reference/operations-review.md; the others are
 * plausible round figures, chosen for a model and not measured on hardware. A device that shares its module with another
 * and with a processor takes its twin for as busy as itself, so the module's power is told twice, once by each: that is
 * why nobody may add it up over devices.
 */
#include <stdlib.h>
#include <string.h>

#include "world.h"

const char *const profile_names = "b200, b300, gb200, gb300, h100, h200, l40s or old-535";

static const struct profile profiles[] = {
    {.name = "b200", .product = "NVIDIA B200", .vbios = "97.00.88.00.0F", .board_part = "692-2G525-0220-000",
     .inforom = "G525.0220.00.01",
     .devices = 8, .architecture = 10 /* (ref) */, .compute_major = 10, .compute_minor = 0 /* (ref) */,
     .pci_device_id = 0x290110DE /* (ref) */, .brand = 14 /* (ref) */,
     .memory_mib = 183359, .reserved_mib = 707,
     .idle_mw = 140000, .min_mw = 200000, .max_mw = 1000000, .default_mw = 1000000,
     .temperature_limit_c = 87, .celsius_per_watt = 0.042, .memory_celsius_per_watt = 0.046,
     .idle_mhz = 120, .sm_mhz = 1965, .memory_mhz = 3996, .video_mhz = 1785,
     .nvlinks = 18 /* (ref) */, .nvlink_version = 5 /* (ref) */, .nvlink_mbps = 53125, .pcie_generation = 5,
     .fabric = NODE_FABRIC},
    {.name = "b300", .product = "NVIDIA B300 SXM6 AC", .vbios = "97.10.4A.00.03", .board_part = "692-2G530-0200-000",
     .inforom = "G530.0200.00.01",
     .devices = 8, .architecture = 10, .compute_major = 10, .compute_minor = 3 /* (ref) */,
     .pci_device_id = 0x318210DE /* (ref) */, .brand = 14,
     .memory_mib = 275040, .reserved_mib = 1010,
     .idle_mw = 165000, .min_mw = 200000, .max_mw = 1100000, .default_mw = 1100000,
     .temperature_limit_c = 87, .celsius_per_watt = 0.040, .memory_celsius_per_watt = 0.044,
     .idle_mhz = 120, .sm_mhz = 1920, .memory_mhz = 3996, .video_mhz = 1785,
     .nvlinks = 18, .nvlink_version = 5, .nvlink_mbps = 53125, .pcie_generation = 6,
     .fabric = NODE_FABRIC},
    {.name = "h100", .product = "NVIDIA H100 80GB HBM3", .vbios = "96.00.99.00.01", .board_part = "692-2G520-0200-000",
     .inforom = "G520.0200.00.01",
     .devices = 8, .architecture = 9 /* (ref) */, .compute_major = 9, .compute_minor = 0,
     .pci_device_id = 0x233010DE, .brand = 14,
     .memory_mib = 81559, .reserved_mib = 551,
     .idle_mw = 70000, .min_mw = 200000, .max_mw = 700000, .default_mw = 700000,
     .temperature_limit_c = 87, .celsius_per_watt = 0.058, .memory_celsius_per_watt = 0.064,
     .idle_mhz = 345, .sm_mhz = 1980, .memory_mhz = 2619, .video_mhz = 1545,
     .nvlinks = 18, .nvlink_version = 4, .nvlink_mbps = 26562, .pcie_generation = 5,
     .fabric = NODE_FABRIC},
    {.name = "h200", .product = "NVIDIA H200", .vbios = "96.00.BC.00.02", .board_part = "692-2G520-0280-000",
     .inforom = "G520.0280.00.01",
     .devices = 8, .architecture = 9, .compute_major = 9, .compute_minor = 0,
     .pci_device_id = 0x233510DE, .brand = 14,
     .memory_mib = 143771, .reserved_mib = 600,
     .idle_mw = 76000, .min_mw = 200000, .max_mw = 700000, .default_mw = 700000,
     .temperature_limit_c = 87, .celsius_per_watt = 0.058, .memory_celsius_per_watt = 0.066,
     .idle_mhz = 345, .sm_mhz = 1980, .memory_mhz = 3201, .video_mhz = 1545,
     .nvlinks = 18, .nvlink_version = 4, .nvlink_mbps = 26562, .pcie_generation = 5,
     .fabric = NODE_FABRIC},
    /* Most boards of this product are cooled by the chassis; the one fan stands for those of its generation that have one. */
    {.name = "l40s", .product = "NVIDIA L40S", .vbios = "95.02.66.00.02", .board_part = "900-2G133-0080-000",
     .inforom = "G133.0080.00.01",
     .devices = 4, .architecture = 8 /* (ref) */, .compute_major = 8, .compute_minor = 9,
     .pci_device_id = 0x26B910DE, .brand = 14,
     .memory_mib = 46068, .reserved_mib = 559,
     .idle_mw = 35000, .min_mw = 100000, .max_mw = 350000, .default_mw = 350000,
     .temperature_limit_c = 88, .celsius_per_watt = 0.130, .memory_celsius_per_watt = 0.140,
     .idle_mhz = 210, .sm_mhz = 2520, .memory_mhz = 9001, .video_mhz = 1965,
     .pcie_generation = 4, .fans = 1, .no_memory_sensor = true},
    /* A node whose driver was never renewed: H100 as driver 535 shows it. */
    {.name = "old-535", .product = "NVIDIA H100 80GB HBM3", .vbios = "96.00.74.00.01", .board_part = "692-2G520-0200-000",
     .inforom = "G520.0200.00.01",
     .devices = 8, .architecture = 9, .compute_major = 9, .compute_minor = 0,
     .pci_device_id = 0x233010DE, .brand = 14,
     .memory_mib = 81559, .reserved_mib = 551,
     .idle_mw = 70000, .min_mw = 200000, .max_mw = 700000, .default_mw = 700000,
     .temperature_limit_c = 87, .celsius_per_watt = 0.058, .memory_celsius_per_watt = 0.064,
     .idle_mhz = 345, .sm_mhz = 1980, .memory_mhz = 2619, .video_mhz = 1545,
     .nvlinks = 18, .nvlink_version = 4, .nvlink_mbps = 26562, .pcie_generation = 5,
     .fabric = NODE_FABRIC, .driver_version = "535.261.03" /* (ref) */, .library_535 = true},
    {.name = "gb200", .product = "NVIDIA GB200", .vbios = "97.00.82.00.2C", .board_part = "692-2G548-0200-000",
     .inforom = "G548.0200.00.01",
     .devices = 4, .architecture = 10, .compute_major = 10, .compute_minor = 0,
     .pci_device_id = 0x294110DE /* (ref) */, .brand = 14,
     .memory_mib = 189471, .reserved_mib = 723,
     .idle_mw = 160000, .min_mw = 200000, .max_mw = 1200000, .default_mw = 1200000,
     .temperature_limit_c = 87, .celsius_per_watt = 0.030, .memory_celsius_per_watt = 0.034,
     .idle_mhz = 120, .sm_mhz = 2062, .memory_mhz = 3996, .video_mhz = 1785,
     .nvlinks = 18, .nvlink_version = 5, .nvlink_mbps = 53125, .pcie_generation = 6,
     .c2c_links = 10, .c2c_mbps = 44712,
     .power_scopes = true, .coherent_memory = true, .fabric = RACK_FABRIC,
     .module_gpus = 2, .module_rest_mw = 250000,
     .module_min_mw = 500000, .module_max_mw = 2700000, .module_default_mw = 2700000},
    {.name = "gb300", .product = "NVIDIA GB300", .vbios = "97.10.44.00.11", .board_part = "692-2G558-0200-000",
     .inforom = "G558.0200.00.01",
     .devices = 4, .architecture = 10, .compute_major = 10, .compute_minor = 3,
     .pci_device_id = 0x31C210DE /* (ref) */, .brand = 14,
     .memory_mib = 284208, .reserved_mib = 1030,
     .idle_mw = 190000, .min_mw = 200000, .max_mw = 1400000 /* (ref) */, .default_mw = 1400000 /* (ref) */,
     .temperature_limit_c = 87, .celsius_per_watt = 0.026, .memory_celsius_per_watt = 0.030,
     .idle_mhz = 120, .sm_mhz = 2032, .memory_mhz = 3996, .video_mhz = 1785,
     .nvlinks = 18, .nvlink_version = 5, .nvlink_mbps = 53125, .pcie_generation = 6,
     .c2c_links = 10, .c2c_mbps = 44712,
     .power_scopes = true, .coherent_memory = true, .fabric = RACK_FABRIC,
     .module_gpus = 2, .module_rest_mw = 250000,
     .module_min_mw = 500000 /* (ref) */, .module_max_mw = 2900000 /* (ref) */, .module_default_mw = 2900000 /* (ref) */},
};

const struct profile *profile_by_name(const char *name) {
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

static void place_on_bus(struct device *device) {
    static const unsigned char hgx_bus[8] = {0x1B, 0x43, 0x52, 0x61, 0x9D, 0xC3, 0xD1, 0xDF};
    static const unsigned char grace_domain[4] = {0x08, 0x09, 0x18, 0x19};
    unsigned slot = device->slot;
    if (world.profile->coherent_memory) {
        device->pci_domain = grace_domain[slot % 4] + 0x20 * (slot / 4);
        device->pci_bus = 1;
    } else {
        device->pci_domain = slot / 8;
        device->pci_bus = hgx_bus[slot % 8];
    }
    snprintf(device->bus_id, sizeof device->bus_id, "%08X:%02X:00.0", device->pci_domain, device->pci_bus);
    snprintf(device->bus_id_legacy, sizeof device->bus_id_legacy, "%04X:%02X:00.0",
             device->pci_domain & 0xFFFF, device->pci_bus & 0xFF);
}

static void name_device(struct device *device) {
    uint64_t high = mix(world.seed * 1000003 + device->slot * 2 + 1), low = mix(high ^ 0x4D696C6C77726967);
    snprintf(device->uuid, sizeof device->uuid, "GPU-%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16) & 0xFFFF, (unsigned)high & 0xFFFF, (unsigned)(low >> 48),
             (unsigned long long)(low & 0xFFFFFFFFFFFF));
    device->plain[KEY_serial_number] = (int64_t)(1650000000000ULL + mix(low) % 10000000000ULL);
}

static void set_plain_values(struct device *device) {
    const struct profile *profile = world.profile;
    int64_t *plain = device->plain;
    plain[KEY_power_limit_mw] = profile->default_mw;
    plain[KEY_power_limit_default_mw] = profile->default_mw;
    plain[KEY_power_limit_min_mw] = profile->min_mw;
    plain[KEY_power_limit_max_mw] = profile->max_mw;
    plain[KEY_power_profiles_supported] = supported_power_profiles();
    plain[KEY_power_smoothing_lifetime_percent] = 100;
    plain[KEY_ambient_c] = 28;
    plain[KEY_temperature_limit_c] = profile->temperature_limit_c;
    plain[KEY_margin_shutdown_c] = -5;
    plain[KEY_margin_slowdown_c] = -2;
    plain[KEY_margin_memory_max_c] = -8;
    plain[KEY_memory_total] = (int64_t)profile->memory_mib << 20;
    plain[KEY_memory_reserved] = (int64_t)profile->reserved_mib << 20;
    plain[KEY_bar1_total] = 1LL << 38;
    plain[KEY_bar1_used] = 8LL << 20;
    plain[KEY_clock_max_graphics_mhz] = profile->sm_mhz;
    plain[KEY_clock_max_sm_mhz] = profile->sm_mhz;
    plain[KEY_clock_max_memory_mhz] = profile->memory_mhz;
    plain[KEY_clock_max_video_mhz] = profile->video_mhz;
    plain[KEY_ecc_mode] = 1;
    plain[KEY_ecc_mode_pending] = 1;
    plain[KEY_persistence_mode] = 1;
    plain[KEY_numa_node] = profile->coherent_memory ? 2 + (int64_t)device->slot * 8 : -1;
    plain[KEY_addressing_mode] = profile->coherent_memory ? 2 /* ATS */ : 1 /* HMM, of kernels that have it */;
    plain[KEY_c2c_mode] = profile->c2c_links > 0;
    plain[KEY_p2p_nvlink_status] = profile->nvlinks > 0 ? 0 : 5; /* NVML_P2P_STATUS_OK, _NOT_SUPPORTED */
    plain[KEY_cc_protected_bytes] = plain[KEY_memory_total];
    plain[KEY_power_smoothing_ceiling_w] = profile->default_mw / 1000;
    plain[KEY_pcie_generation] = profile->pcie_generation;
    plain[KEY_pcie_width] = 16;
    plain[KEY_pcie_generation_max] = profile->pcie_generation;
    plain[KEY_pcie_width_max] = 16;
    plain[KEY_pcie_counter_bits] = 32;
    plain[KEY_nvlink_count] = profile->nvlinks;
    plain[KEY_c2c_link_count] = profile->c2c_links;
    plain[KEY_fabric_clique] = profile->fabric == RACK_FABRIC ? 1 : 0;
    plain[KEY_energy_scope] = profile->power_scopes ? 1 : 0; /* as GH200 does: the module */
    plain[KEY_page_cache_bytes] = profile->coherent_memory ? 12LL << 30 : 0;
    plain[KEY_vbios_revision] = (int64_t)strtoul(strrchr(profile->vbios, '.') + 1, NULL, 16);
    plain[KEY_tau_power_ms] = 500;
    plain[KEY_tau_temperature_ms] = 5000;
}

void build_devices(void) {
    choose_mig_profiles();
    for (unsigned slot = 0; slot < world.device_count; slot++) {
        struct device *device = &world.devices[slot];
        pthread_mutex_init(&device->lock, NULL);
        device->slot = slot;
        device->generation = 1;
        device->present = true;
        place_on_bus(device);
        name_device(device);
        set_plain_values(device);
        settle_links(device);
    }
}
