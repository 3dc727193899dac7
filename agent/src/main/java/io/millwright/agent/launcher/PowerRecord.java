package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Answer.Cap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the program that sets power limits did, as it writes it down for the launcher.
 *
 * @param id of the order
 * @param trouble why no device was asked, in one sentence; empty where they were
 * @param caps in the order of the devices
 */
public record PowerRecord(String id, String trouble, List<Cap> caps) {
  private static final String FILE = "record";

  public PowerRecord {
    caps = List.copyOf(caps);
  }

  /** Whole and on the disk, or not at all. */
  public void write(Path directory) throws IOException {
    Map<String, String> facts = new HashMap<>();
    facts.put("id", id);
    facts.put("trouble", trouble);
    facts.put("devices", Integer.toString(caps.size()));
    for (int i = 0; i < caps.size(); i++) {
      Cap cap = caps.get(i);
      facts.put("device" + i, cap.device());
      facts.put("result" + i, cap.result());
      facts.put("set" + i, text(cap.setMilliwatts()));
      facts.put("inforce" + i, text(cap.inForceMilliwatts()));
    }
    new Facts(facts).write(directory.resolve(FILE));
  }

  private static String text(OptionalLong number) {
    return number.isPresent() ? Long.toString(number.getAsLong()) : "";
  }

  /** That of an order; empty where there is none, or that of another. */
  public static Optional<PowerRecord> read(Path directory, String id) throws IOException {
    return Facts.read(directory.resolve(FILE))
        .filter(facts -> facts.text("id").equals(Optional.of(id)))
        .map(facts -> new PowerRecord(id, facts.text("trouble").orElse(""), caps(facts)));
  }

  private static List<Cap> caps(Facts facts) {
    List<Cap> caps = new ArrayList<>();
    long count = facts.number("devices").orElse(0);
    for (int i = 0; i < count; i++) {
      caps.add(
          new Cap(
              facts.text("device" + i).orElse(""),
              facts.text("result" + i).orElse("unknown"),
              facts.number("set" + i),
              facts.number("inforce" + i)));
    }
    return caps;
  }
}
