package io.millwright.simulator.neuron;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command language of a simulated Neuron node; its words are those of the simulated NVML
 * library where they mean the same (see {@code simulator/README.md}).
 *
 * <p><i>Threading:</i> the model's owner. <i>Failure:</i> what is refused is an {@link
 * IllegalArgumentException} whose text is the answer: {@code <field>: <given>, allowed: <...>}.
 */
final class NeuronCommands {
  private static final String HANGS = "stats/hardware/mem_ecc_uncorrected";
  private static final Pattern CORE_LOAD = Pattern.compile("core([0-9]+)\\.load");
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");

  private final NeuronModel model;
  private final NeuronTree tree;
  private final TreeDescription description;

  NeuronCommands(NeuronModel model, NeuronTree tree, TreeDescription description) {
    this.model = model;
    this.tree = tree;
    this.description = description;
  }

  /** Does what the line says; the lines of its answer. The files are as it says afterwards. */
  List<String> run(String line, MonitorSession session) throws IOException {
    Words words = new Words(line);
    String verb = words.next("command");
    List<String> answer =
        switch (verb) {
          case "get" -> get(words);
          case "set" -> done(() -> set(words));
          case "unset" -> done(() -> unset(words));
          case "load" -> done(() -> model.devices().forEach(setLoad(fraction("load", words))));
          case "process" -> done(() -> process(words));
          case "fault" -> done(() -> fault(words));
          case "driver" -> done(() -> driver(words));
          case "record" -> List.of(session.record(words.rest()));
          case "inventory" -> Inventory.lines(model);
          default ->
              throw refused(
                  "command",
                  verb,
                  "get, set, unset, load, process, fault, driver, record, inventory");
        };
    tree.refresh();
    return answer;
  }

  private interface Step {
    void run() throws IOException;
  }

  private static List<String> done(Step step) throws IOException {
    step.run();
    return List.of();
  }

  private static IllegalArgumentException refused(String field, String given, String allowed) {
    return new IllegalArgumentException(
        "%s: %s, allowed: %s".formatted(field, given.isEmpty() ? "nothing" : given, allowed));
  }

  // ---- words

  /** The words of one line, taken from the left. */
  private static final class Words {
    private final List<String> words;
    private int taken;

    Words(String line) {
      this.words = Arrays.stream(line.strip().split("\\s+")).filter(w -> !w.isEmpty()).toList();
    }

    String next(String field) {
      if (taken == words.size()) {
        throw refused(field, "", "a word");
      }
      return words.get(taken++);
    }

    Optional<String> optional() {
      return taken < words.size() ? Optional.of(words.get(taken++)) : Optional.empty();
    }

    List<String> rest() {
      List<String> rest = words.subList(taken, words.size());
      taken = words.size();
      return rest;
    }
  }

  private List<DeviceModel> devices(String word) {
    if (word.equals("all")) {
      return model.devices();
    }
    return List.of(device(word));
  }

  private DeviceModel device(String word) {
    return model.devices().stream()
        .filter(device -> Integer.toString(device.index()).equals(word))
        .findFirst()
        .orElseThrow(
            () -> refused("device", word, "0 to %d, all".formatted(model.devices().size() - 1)));
  }

  private static double fraction(String field, Words words) {
    String given = words.next(field);
    if (!given.matches("0|1|[01]\\.[0-9]{1,9}") || Double.parseDouble(given) > 1) {
      throw refused(field, given, "0 to 1, as in 0.8");
    }
    return Double.parseDouble(given);
  }

  private static long whole(String field, Words words) {
    String given = words.next(field);
    if (!WHOLE.matcher(given).matches()) {
      throw refused(field, given, "a whole number from 0");
    }
    return Long.parseLong(given);
  }

  private static Consumer<DeviceModel> setLoad(double load) {
    return device -> device.setLoad(OptionalDouble.of(load));
  }

  // ---- get, set

  private List<String> get(Words words) {
    DeviceModel device = device(words.next("device"));
    Optional<String> key = words.optional();
    List<String> known = known(device);
    if (key.isEmpty()) {
      return known;
    }
    String start = key.get() + "=";
    return known.stream()
        .filter(line -> line.startsWith(start))
        .findFirst()
        .or(() -> Optional.of(start + file(device, key.get())))
        .map(List::of)
        .orElseThrow();
  }

  /** What a file has now, its lines separated by bars. */
  private String file(DeviceModel device, String path) {
    return tree.leaf(Optional.of(device.index()), path).text().strip().replace("\n", "|");
  }

  private static List<String> known(DeviceModel device) {
    List<String> lines = new ArrayList<>();
    lines.add("state=" + (device.gone() ? "gone" : "present"));
    lines.add("serial_number=" + device.serial());
    lines.add("reset=" + device.text("reset"));
    lines.add("load=" + device.load());
    for (int core = 0; core < device.cores.size(); core++) {
      lines.add("core" + core + ".load=" + device.cores.get(core).busy());
    }
    device
        .owner()
        .ifPresent(owner -> {
          lines.add("process=" + owner.pid());
          lines.add("process_bytes=" + owner.bytes());
        });
    lines.add("power=" + device.text("power_utilization"));
    lines.add("unhealthy_components=" + device.text("unhealthy_components"));
    for (String counter :
        List.of("sram_ecc_uncorrected", "mem_ecc_uncorrected", "mem_ecc_repairable_uncorrected")) {
      lines.add(counter + "=" + device.counters.of(counter).total());
    }
    return lines;
  }

  private void set(Words words) {
    String where = words.next("device");
    String key = words.next("key");
    if (where.equals("node")) {
      tree.leaf(Optional.empty(), key);
      model.overrides.put(key, String.join(" ", words.rest()) + "\n");
      return;
    }
    List<DeviceModel> devices = devices(where);
    Matcher core = CORE_LOAD.matcher(key);
    if (key.equals("load")) {
      devices.forEach(setLoad(fraction(key, words)));
    } else if (core.matches()) {
      OptionalDouble busy = OptionalDouble.of(fraction(key, words));
      devices.forEach(device -> core(device, core.group(1)).setBusy(busy));
    } else {
      String text = String.join(" ", words.rest()) + "\n";
      for (DeviceModel device : devices) {
        tree.leaf(Optional.of(device.index()), key);
        device.overrides.put(key, text);
      }
    }
  }

  private static CoreModel core(DeviceModel device, String number) {
    int cores = device.cores.size();
    if (number.length() > 2 || Integer.parseInt(number) >= cores) {
      throw refused("core", number, "0 to " + (cores - 1));
    }
    return device.cores.get(Integer.parseInt(number));
  }

  private void unset(Words words) {
    String where = words.next("device");
    String key = words.next("key");
    if (where.equals("node")) {
      model.overrides.keySet().removeIf(path -> key.equals("all") || path.equals(key));
      return;
    }
    Matcher core = CORE_LOAD.matcher(key);
    for (DeviceModel device : devices(where)) {
      if (key.equals("load") || key.equals("all")) {
        device.setLoad(OptionalDouble.empty());
      }
      if (core.matches()) {
        core(device, core.group(1)).setBusy(OptionalDouble.empty());
      } else if (key.equals("all")) {
        device.cores.forEach(one -> one.setBusy(OptionalDouble.empty()));
      }
      device.overrides.keySet().removeIf(path -> key.equals("all") || path.equals(key));
    }
  }

  private void process(Words words) {
    List<DeviceModel> devices = devices(words.next("device"));
    String what = words.next("action");
    switch (what) {
      case "add" -> {
        long pid = whole("pid", words);
        long bytes = whole("bytes", words);
        long most = model.profile().chip().memoryBytes;
        if (pid == 0 || bytes > most) {
          throw refused("process", pid + " " + bytes, "a pid from 1, and bytes to " + most);
        }
        devices.forEach(device -> device.open(new Owner(pid, bytes, false)));
      }
      case "clear" ->
          devices.forEach(device -> {
            device.setLoad(OptionalDouble.of(0));
            device.close();
          });
      default -> throw refused("action", what, "add PID BYTES, clear");
    }
  }

  // ---- faults

  private void driver(Words words) throws IOException {
    String what = words.next("action");
    switch (what) {
      case "unload" -> {
        if (model.loaded()) {
          model.unload();
          tree.unload();
        }
      }
      case "load" -> {
        if (!model.loaded()) {
          model.load();
          tree.load();
        }
      }
      default -> throw refused("action", what, "unload, load");
    }
  }

  private void fault(Words words) throws IOException {
    List<DeviceModel> devices = devices(words.next("device"));
    String kind = words.next("kind");
    List<String> rest = List.copyOf(words.rest());
    if (!model.loaded()) {
      throw refused("fault", kind, "nothing while the driver is unloaded: 'driver load' first");
    }
    for (DeviceModel device : devices) {
      fault(device, kind, new Words(String.join(" ", rest)));
    }
  }

  private void fault(DeviceModel device, String kind, Words words) throws IOException {
    switch (kind) {
      case "ecc" -> model.ecc(device, words.next("kind"), whole("errors", words));
      case "component" -> component(device, words.next("component"), words, "bad", "good");
      case "link" -> component(device, "link_" + words.next("link"), words, "down", "up");
      case "heartbeat" -> device.stallHeart(either("heartbeat", words, "stall", "run"));
      case "status" -> status(device, words);
      case "reset" -> reset(device, words);
      case "lost", "gone" -> lose(device);
      case "return" -> comeBack(device);
      case "hang" -> hang(device, words.optional().orElse(HANGS));
      case "release" -> {
        device.overrides.clear();
        tree.release(device.index());
      }
      case "garbage" -> garbage(device, words);
      default ->
          throw refused(
              "kind",
              kind,
              "ecc, component, link, heartbeat, status, reset, lost, gone, return, hang, release,"
                  + " garbage");
    }
  }

  /** Whether it is the first of the two words. */
  private static boolean either(String field, Words words, String yes, String no) {
    String given = words.next(field);
    if (!given.equals(yes) && !given.equals(no)) {
      throw refused(field, given, yes + ", " + no);
    }
    return given.equals(yes);
  }

  private static void component(
      DeviceModel device, String name, Words words, String bad, String good) {
    if (!name.matches("[a-z][a-z0-9_]{0,63}")) { // also such as no driver has yet
      throw refused("component", name, String.join(", ", NeuronModel.COMPONENTS));
    }
    device.setUnhealthy(name, either("state", words, bad, good));
  }

  private void status(DeviceModel device, Words words) {
    String status = words.next("status");
    List<String> all = description.list("status");
    if (!all.contains(status)) {
      throw refused("status", status, String.join(", ", all));
    }
    long executions = whole("executions", words);
    String number = words.optional().orElse("0");
    if (!WHOLE.matcher(number).matches()) {
      throw refused("core", number, "a whole number from 0");
    }
    core(device, number);
    model.status(device, Integer.parseInt(number), status, executions);
  }

  private static void reset(DeviceModel device, Words words) {
    Optional<String> how = words.optional();
    if (how.isPresent() && !how.get().equals("fail")) {
      throw refused("reset", how.get(), "nothing, fail");
    }
    if (device.gone()) {
      throw refused("reset", "a device that is gone", "one that is there: 'return' first");
    }
    if (how.isPresent()) {
      device.failReset();
    } else {
      device.reset();
    }
  }

  private void lose(DeviceModel device) throws IOException {
    if (!device.gone()) {
      device.lose();
      tree.remove(device.index());
    }
  }

  private void comeBack(DeviceModel device) throws IOException {
    if (device.gone()) {
      device.comeBack();
      tree.add(device);
    }
  }

  private void hang(DeviceModel device, String path) throws IOException {
    tree.leaf(Optional.of(device.index()), path).file().hang();
  }

  private void garbage(DeviceModel device, Words words) {
    String path = words.next("file");
    String how = words.next("form");
    String text = tree.leaf(Optional.of(device.index()), path).text();
    device.overrides.put(
        path,
        switch (how) {
          case "deadbeef" -> "0xdeadbeef\n";
          case "half" -> text.substring(0, text.length() / 2);
          case "empty" -> "";
          default -> throw refused("form", how, "deadbeef, half, empty");
        });
  }
}
