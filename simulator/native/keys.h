/*
 * The quantities of a device that the control protocol can set and get: one row a key. Columns: name, kind, how `unset`
 * behaves. MODEL keys are computed until overridden; PLAIN keys have a stored value; COUNTER keys grow, stand still
 * while overridden and go on from there after `unset`, because a monotonic counter must not jump by itself.
 */
#ifndef MILLWRIGHT_KEYS_H
#define MILLWRIGHT_KEYS_H

#define KEYS(K)                                            \
    K(load, RATIO, MODEL)                                  \
    K(power_mw, U32, MODEL)                                \
    K(power_instant_mw, U32, MODEL)                        \
    K(module_power_mw, U32, MODEL)                         \
    K(memory_power_mw, U32, MODEL)                         \
    K(power_limit_mw, U32, PLAIN)                          \
    K(enforced_power_limit_mw, U32, MODEL)                 \
    K(power_limit_min_mw, U32, PLAIN)                      \
    K(power_limit_max_mw, U32, PLAIN)                      \
    K(power_limit_default_mw, U32, PLAIN)                  \
    K(power_profiles_supported, U32, PLAIN)                \
    K(power_profiles_requested, U32, PLAIN)                \
    K(power_profiles_enforced, U32, MODEL)                 \
    K(power_smoothing_enabled, U32, PLAIN)                 \
    K(power_smoothing_lifetime_percent, U32, PLAIN)        \
    K(power_smoothing_ceiling_w, U32, PLAIN)               \
    K(power_smoothing_floor_w, U32, PLAIN)                 \
    K(power_smoothing_primary_floor_w, U32, PLAIN)         \
    K(power_smoothing_secondary_floor_w, U32, PLAIN)       \
    K(power_smoothing_profile, U32, PLAIN)                 \
    K(energy_mj, U64, COUNTER)                             \
    K(energy_scope, U32, PLAIN)                            \
    K(temperature_c, I32, MODEL)                           \
    K(memory_temperature_c, I32, MODEL)                    \
    K(margin_c, I32, MODEL)                                \
    K(ambient_c, I32, PLAIN)                               \
    K(temperature_limit_c, I32, PLAIN)                     \
    K(margin_shutdown_c, I32, PLAIN)                       \
    K(margin_slowdown_c, I32, PLAIN)                       \
    K(margin_memory_max_c, I32, PLAIN)                     \
    K(margin_max_operating_c, I32, PLAIN)                  \
    K(utilization_gpu, U32, MODEL)                         \
    K(utilization_memory, U32, MODEL)                      \
    K(utilization_encoder, U32, PLAIN)                     \
    K(utilization_decoder, U32, PLAIN)                     \
    K(utilization_jpeg, U32, PLAIN)                        \
    K(utilization_ofa, U32, PLAIN)                         \
    K(gpm_graphics_ppm, U32, MODEL)                        \
    K(gpm_sm_ppm, U32, MODEL)                              \
    K(gpm_occupancy_ppm, U32, MODEL)                       \
    K(gpm_integer_ppm, U32, MODEL)                         \
    K(gpm_tensor_ppm, U32, MODEL)                          \
    K(gpm_dram_ppm, U32, MODEL)                            \
    K(gpm_fp64_ppm, U32, MODEL)                            \
    K(gpm_fp32_ppm, U32, MODEL)                            \
    K(gpm_fp16_ppm, U32, MODEL)                            \
    K(memory_total, U64, PLAIN)                            \
    K(memory_reserved, U64, PLAIN)                         \
    K(memory_used, U64, MODEL)                             \
    K(page_cache_bytes, U64, PLAIN)                        \
    K(bar1_total, U64, PLAIN)                              \
    K(bar1_used, U64, PLAIN)                               \
    K(clock_graphics_mhz, U32, MODEL)                      \
    K(clock_sm_mhz, U32, MODEL)                            \
    K(clock_memory_mhz, U32, MODEL)                        \
    K(clock_video_mhz, U32, MODEL)                         \
    K(clock_max_graphics_mhz, U32, PLAIN)                  \
    K(clock_max_sm_mhz, U32, PLAIN)                        \
    K(clock_max_memory_mhz, U32, PLAIN)                    \
    K(clock_max_video_mhz, U32, PLAIN)                     \
    K(clocks_event_reasons, U64, MODEL)                    \
    K(reason_ns_sw_power_cap, U64, COUNTER)                \
    K(reason_ns_sync_boost, U64, COUNTER)                  \
    K(reason_ns_sw_thermal, U64, COUNTER)                  \
    K(reason_ns_hw_thermal, U64, COUNTER)                  \
    K(reason_ns_hw_power_brake, U64, COUNTER)              \
    K(performance_state, U32, PLAIN)                       \
    K(ecc_mode, U32, PLAIN)                                \
    K(ecc_mode_pending, U32, PLAIN)                        \
    K(ecc_volatile_corrected, U64, MODEL)                  \
    K(ecc_volatile_uncorrected, U64, MODEL)                \
    K(ecc_aggregate_corrected, U64, MODEL)                 \
    K(ecc_aggregate_uncorrected, U64, MODEL)               \
    K(ecc_volatile_corrected_dram, U64, PLAIN)             \
    K(ecc_volatile_corrected_sram, U64, PLAIN)             \
    K(ecc_volatile_uncorrected_dram, U64, PLAIN)           \
    K(ecc_volatile_uncorrected_sram, U64, PLAIN)           \
    K(ecc_aggregate_corrected_dram, U64, PLAIN)            \
    K(ecc_aggregate_corrected_sram, U64, PLAIN)            \
    K(ecc_aggregate_uncorrected_dram, U64, PLAIN)          \
    K(ecc_aggregate_uncorrected_sram, U64, PLAIN)          \
    K(remapped_correctable, U32, PLAIN)                    \
    K(remapped_uncorrectable, U32, PLAIN)                  \
    K(remap_pending, U32, PLAIN)                           \
    K(remap_failed, U32, PLAIN)                            \
    K(page_retirement, U32, PLAIN)                         \
    K(retired_single_bit, U32, PLAIN)                      \
    K(retired_double_bit, U32, PLAIN)                      \
    K(retirement_pending, U32, PLAIN)                      \
    K(sram_threshold, U32, PLAIN)                          \
    K(sram_errors_l2, U64, PLAIN)                          \
    K(sram_errors_sm, U64, PLAIN)                          \
    K(sram_errors_pcie, U64, PLAIN)                        \
    K(sram_errors_mcu, U64, PLAIN)                         \
    K(sram_errors_other, U64, PLAIN)                       \
    K(banks_max, U32, MODEL)                               \
    K(banks_high, U32, MODEL)                              \
    K(banks_partial, U32, PLAIN)                           \
    K(banks_low, U32, PLAIN)                               \
    K(banks_none, U32, PLAIN)                              \
    K(memory_unrepairable, U32, PLAIN)                     \
    K(repair_channel_pending, U32, PLAIN)                  \
    K(repair_tpc_pending, U32, PLAIN)                      \
    K(recovery_action, U32, PLAIN)                         \
    K(fabric_state, U32, MODEL)                            \
    K(fabric_status, U32, PLAIN)                           \
    K(fabric_clique, U32, PLAIN)                           \
    K(fabric_health_mask, U32, MODEL)                      \
    K(fabric_health_summary, U32, MODEL)                   \
    K(fan_speed_percent, U32, MODEL)                       \
    K(persistence_mode, U32, PLAIN)                        \
    K(compute_mode, U32, PLAIN)                            \
    K(accounting_mode, U32, PLAIN)                         \
    K(numa_node, I32, PLAIN)                               \
    K(serial_number, U64, PLAIN)                           \
    K(vbios_revision, U32, PLAIN)                          \
    K(addressing_mode, U32, PLAIN)                         \
    K(c2c_mode, U32, PLAIN)                                \
    K(link_encryption, U32, PLAIN)                         \
    K(link_reduced, U32, PLAIN)                            \
    K(topology_level, U32, PLAIN)                          \
    K(p2p_nvlink_status, U32, PLAIN)                       \
    K(cc_protected_bytes, U64, PLAIN)                      \
    K(cc_unprotected_bytes, U64, PLAIN)                    \
    K(cc_protected_used_bytes, U64, MODEL)                 \
    K(dram_encryption, U32, PLAIN)                         \
    K(dram_encryption_pending, U32, PLAIN)                 \
    K(pcie_generation, U32, PLAIN)                         \
    K(pcie_width, U32, PLAIN)                              \
    K(pcie_generation_max, U32, PLAIN)                     \
    K(pcie_width_max, U32, PLAIN)                          \
    K(pcie_receive_bytes, U64, COUNTER)                    \
    K(pcie_transmit_bytes, U64, COUNTER)                   \
    K(pcie_counter_bits, U32, PLAIN)                       \
    K(pcie_replays, U32, PLAIN)                            \
    K(pcie_correctable, U32, PLAIN)                        \
    K(pcie_naks_received, U32, PLAIN)                      \
    K(pcie_receiver, U32, PLAIN)                           \
    K(pcie_bad_tlp, U32, PLAIN)                            \
    K(pcie_naks_sent, U32, PLAIN)                          \
    K(pcie_bad_dllp, U32, PLAIN)                           \
    K(pcie_non_fatal, U32, PLAIN)                          \
    K(pcie_fatal, U32, PLAIN)                              \
    K(pcie_unsupported_request, U32, PLAIN)                \
    K(pcie_lcrc, U32, PLAIN)                               \
    K(pcie_l0_to_recovery, U32, PLAIN)                     \
    K(nvlink_count, U32, PLAIN)                            \
    K(c2c_link_count, U32, PLAIN)                          \
    K(tau_power_ms, U32, PLAIN)                            \
    K(tau_temperature_ms, U32, PLAIN)                      \
    K(processes, U32, MODEL)                               \
    K(mig_mode, U32, PLAIN)                                \
    K(mig_mode_pending, U32, PLAIN)

enum key {
#define K(name, kind, behaviour) KEY_##name,
    KEYS(K)
#undef K
    KEY_COUNT
};

/* The four split counters lie in the order dram, sram after each other; ecc_split() in model.c relies on it. */
_Static_assert(KEY_ecc_volatile_corrected_sram == KEY_ecc_volatile_corrected_dram + 1, "key order");
_Static_assert(KEY_ecc_aggregate_uncorrected_sram == KEY_ecc_volatile_corrected_dram + 7, "key order");
_Static_assert(KEY_ecc_aggregate_uncorrected == KEY_ecc_volatile_corrected + 3, "key order");

/* In the order of the fields 193-196, and of the buckets of nvmlEccSramErrorStatus_t. */
_Static_assert(KEY_margin_max_operating_c == KEY_margin_shutdown_c + 3, "key order");
_Static_assert(KEY_sram_errors_other == KEY_sram_errors_l2 + 4, "key order");

/* In the order of the fields 29-31. */
_Static_assert(KEY_retirement_pending == KEY_retired_single_bit + 2, "key order");

/* In the order of the fields 173-182. */
_Static_assert(KEY_pcie_lcrc == KEY_pcie_correctable + 9, "key order");

/* What GPM measures lies together, in the order of activity_seconds[]. */
#define FIRST_ACTIVITY_KEY KEY_gpm_graphics_ppm
#define ACTIVITY_KEYS (KEY_gpm_fp16_ppm - KEY_gpm_graphics_ppm + 1)
_Static_assert(ACTIVITY_KEYS == 9, "key order");

enum key_kind { RATIO, U32, U64, I32 };
enum key_behaviour { MODEL, PLAIN, COUNTER };

struct key_row {
    const char *name;
    enum key_kind kind;
    enum key_behaviour behaviour;
};

extern const struct key_row key_rows[KEY_COUNT];

int key_by_name(const char *name); /* -1 when there is none */

#endif
