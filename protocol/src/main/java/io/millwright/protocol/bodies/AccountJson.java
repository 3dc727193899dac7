package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.HostAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * A {@link RunAccount} as JSON. Fields that a newer agent may send are ignored; what is absent is
 * left out.
 *
 * <p><i>Failure:</i> {@link IllegalArgumentException} with one sentence.
 *
 * <pre>{@code
 * {"job":"slurm-1234","run":1,"scheduler":"slurm","user":"anna","project":"llm","began_ms":1,
 *  "ended_ms":61001,"end":"","shared":false,"coverage":0.98,
 *  "devices":[{"uuid":"GPU-…","seconds":61.0,"joules":42700.5,"energy_scope":"gpu",
 *    "utilization":0.93,"watts":700.0,"peak_watts":994.1,"grew":{"throttle_seconds":{"sw_power_cap":2.0},"errors":{"xid 79":1.0}}}],
 *  "host":{"cpu_seconds":12.5}}
 * }</pre>
 */
public final class AccountJson {
  private AccountJson() {}

  /** The account of this object, among whose fields there may be others. */
  public static RunAccount of(Fields parent, String name) {
    Fields fields = Fields.open(name, parent.tree(name));
    return new RunAccount(
        JobJson.run(fields),
        fields.plainText("scheduler"),
        fields.plainText("user"),
        fields.plainText("project"),
        fields.whole("began_ms"),
        fields.whole("ended_ms"),
        fields.plainText("end"),
        fields.flag("shared"),
        fields.number("coverage"),
        fields.openObjects("devices").stream().map(AccountJson::device).toList(),
        fields.has("host")
            ? host(Fields.open(name + ".host", fields.tree("host")))
            : HostAccount.UNKNOWN);
  }

  private static DeviceAccount device(Fields fields) {
    return new DeviceAccount(
        fields.plainText("uuid"),
        fields.number("seconds"),
        fields.optionalNumber("joules"),
        fields.has("energy_scope") ? fields.plainText("energy_scope") : "",
        fields.optionalNumber("utilization"),
        fields.optionalNumber("peak_utilization"),
        fields.optionalNumber("peak_memory_bytes"),
        fields.optionalNumber("watts"),
        fields.optionalNumber("peak_watts"),
        fields.has("grew") ? amounts(fields.tree("grew")) : Map.of());
  }

  private static HostAccount host(Fields fields) {
    return new HostAccount(
        fields.optionalNumber("cpu_seconds"),
        fields.optionalNumber("peak_memory_bytes"),
        fields.optionalNumber("read_bytes"),
        fields.optionalNumber("written_bytes"));
  }

  /**
   * Amounts by family and what of it.
   *
   * @throws IllegalArgumentException for what is not objects of numbers
   */
  public static Map<String, Map<String, Double>> amounts(JsonNode tree) {
    Map<String, Map<String, Double>> all = new TreeMap<>();
    Fields.open("grew", tree);
    for (Map.Entry<String, JsonNode> family : tree.properties()) {
      Fields entries = Fields.open("grew." + family.getKey(), family.getValue());
      Map<String, Double> amounts = new TreeMap<>();
      for (Map.Entry<String, JsonNode> entry : family.getValue().properties()) {
        amounts.put(entry.getKey(), entries.number(entry.getKey()));
      }
      all.put(family.getKey(), amounts);
    }
    return all;
  }

  public static ObjectNode tree(RunAccount account) {
    ObjectNode tree =
        JobJson.tree(account.run())
            .put("scheduler", account.scheduler())
            .put("user", account.user())
            .put("project", account.project())
            .put("began_ms", account.beganMs())
            .put("ended_ms", account.endedMs())
            .put("end", account.end())
            .put("shared", account.shared())
            .put("coverage", account.coverage());
    ArrayNode devices = tree.putArray("devices");
    account.devices().forEach(device -> devices.add(tree(device)));
    ObjectNode host = tree(account.host());
    return host.isEmpty() ? tree : tree.set("host", host);
  }

  private static ObjectNode tree(DeviceAccount device) {
    ObjectNode tree = Json.object().put("uuid", device.uuid()).put("seconds", device.seconds());
    put(tree, "joules", device.joules());
    if (!device.energyScope().isEmpty()) {
      tree.put("energy_scope", device.energyScope());
    }
    put(tree, "utilization", device.utilization());
    put(tree, "peak_utilization", device.peakUtilization());
    put(tree, "peak_memory_bytes", device.peakMemoryBytes());
    put(tree, "watts", device.watts());
    put(tree, "peak_watts", device.peakWatts());
    return tree.set("grew", tree(device.grew()));
  }

  /** As {@link #amounts} reads it. */
  public static ObjectNode tree(Map<String, Map<String, Double>> amounts) {
    ObjectNode tree = Json.object();
    for (String family : sorted(amounts)) {
      ObjectNode entries = tree.putObject(family);
      new TreeMap<>(amounts.getOrDefault(family, Map.of())).forEach(entries::put);
    }
    return tree;
  }

  private static List<String> sorted(Map<String, ?> map) {
    List<String> names = new ArrayList<>(map.keySet());
    names.sort(null);
    return names;
  }

  private static ObjectNode tree(HostAccount host) {
    ObjectNode tree = Json.object();
    put(tree, "cpu_seconds", host.cpuSeconds());
    put(tree, "peak_memory_bytes", host.peakMemoryBytes());
    put(tree, "read_bytes", host.readBytes());
    put(tree, "written_bytes", host.writtenBytes());
    return tree;
  }

  private static void put(ObjectNode tree, String name, OptionalDouble value) {
    value.ifPresent(given -> tree.put(name, given));
  }
}
