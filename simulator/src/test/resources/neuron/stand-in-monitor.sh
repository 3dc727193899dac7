#!/bin/sh
# Stands in for neuron-monitor: SYNTHETIC records, one a second, of two runtimes on four cores in the shape of the
# user guide of Neuron SDK 2.32. It ends when nobody reads it.
memory='"constants":1000000,"model_code":2000000,"model_shared_scratchpad":0,"runtime_memory":4096,"tensors":65536'
none='"constants":0,"model_code":0,"model_shared_scratchpad":0,"runtime_memory":0,"tensors":0'
errors='"generic":0,"numerical":0,"transient":0,"model":0,"runtime":0,"hardware":1'
ended='"completed":50,"completed_with_err":1,"completed_with_num_err":0,"timed_out":0,"incorrect_input":0,"failed_to_queue":0'
latency='{"p0":0.010,"p1":0.011,"p25":0.012,"p50":0.013,"p75":0.014,"p99":0.020,"p100":0.030}'

runtime() { # pid tag, utilization and memory of each core
  printf '{"pid":%s,"neuron_runtime_tag":"%s","error":"","report":{' "$1" "$2"
  printf '"execution_stats":{"period":1.0,"error_summary":{%s},"execution_summary":{%s},' "$errors" "$ended"
  printf '"latency_stats":{"total_latency":%s,"device_latency":null},"error":""},' "$latency"
  printf '"memory_used":{"period":1.0,"neuron_runtime_used_bytes":{"host":9043968,"neuron_device":12000000,'
  printf '"usage_breakdown":{"neuroncore_memory_usage":{"0":{%s},"1":{%s},"2":{%s},"3":{%s}}}},' "$7" "$8" "$9" "${10}"
  printf '"loaded_models":[],"error":""},'
  printf '"neuron_runtime_vcpu_usage":{"period":1.0,"vcpu_usage":{"user":25.0,"system":5.0},"error":""},'
  printf '"neuroncore_counters":{"period":1.0,"neuroncores_in_use":{"0":{"neuroncore_utilization":%s},' "$3"
  printf '"1":{"neuroncore_utilization":%s},"2":{"neuroncore_utilization":%s},' "$4" "$5"
  printf '"3":{"neuroncore_utilization":%s}},"error":""}}}' "$6"
}

record="{\"neuron_runtime_data\":[$(runtime 101 train-0 80 60 0 0 "$memory" "$memory" "$none" "$none"),"
record="$record$(runtime 102 train-1 0 0 40 20 "$none" "$none" "$memory" "$memory")],"
record="$record\"system_data\":{\"neuron_hw_counters\":{\"period\":1.0,\"neuron_devices\":[{\"neuron_device_index\":0,"
record="$record\"mem_ecc_corrected\":3,\"mem_ecc_uncorrected\":0,\"sram_ecc_uncorrected\":0,\"sram_ecc_corrected\":0}],"
record="$record\"error\":\"\"}},\"instance_info\":{\"instance_id\":\"\",\"error\":\"no metadata service answers\"},"
record="$record\"neuron_hardware_info\":{\"neuron_device_count\":1,\"neuron_device_memory_size\":154618822656,"
record="$record\"neuroncore_per_device_count\":4,\"error\":\"\"}}"
while printf '%s\n' "$record"; do
  sleep 1
done
