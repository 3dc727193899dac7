package io.millwright.drivers.neuron;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * The place of a node in its Trainium UltraServer, from {@code /sys/class/neuron_device}. Each fact
 * is empty where the driver does not have it, does not know it, or is still finding out.
 *
 * @param node number of this node, from 0 ({@code node_id}; Trn3)
 * @param nodes how many nodes there are ({@code node_cnt}; Trn3)
 * @param reservation what all nodes of an UltraServer have in common ({@code reservation_id}; Trn3)
 * @param modes ways in which nodes can be joined: {@code x4}, {@code x2h}, {@code x2v}, {@code x1}
 * @param nodeOf2 number of this node where two are joined ({@code node_id_2}; Trn2)
 * @param serverOf2 identity of those two ({@code server_id_2}; Trn2)
 * @param nodeOf4 number of this node where four are joined ({@code node_id_4}; Trn2)
 * @param serverOf4 identity of those four ({@code server_id_4}; Trn2)
 */
public record UltraServer(
    OptionalInt node,
    OptionalInt nodes,
    Optional<String> reservation,
    List<String> modes,
    OptionalInt nodeOf2,
    Optional<String> serverOf2,
    OptionalInt nodeOf4,
    Optional<String> serverOf4) {

  /** Of no UltraServer, as far as is known. */
  public static final UltraServer NONE =
      new UltraServer(
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          List.of(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty());

  private static final Pattern COUNT = Pattern.compile("[0-9]{1,4}");
  private static final Pattern IDENTITY = Pattern.compile("[0-9a-f]{1,16}");
  private static final Pattern ZEROS = Pattern.compile("0+");
  private static final Map<String, String> MODES =
      Map.of("1", "x4", "2", "x2h", "3", "x2v", "4", "x1");

  public UltraServer {
    modes = List.copyOf(modes);
  }

  static UltraServer read(NeuronFacts facts) {
    return new UltraServer(
        count(facts, "node_id"),
        count(facts, "node_cnt"),
        identity(facts, "reservation_id"),
        modes(facts.text("ultraserver_mode").orElse("")),
        count(facts, "node_id_2"),
        identity(facts, "server_id_2"),
        count(facts, "node_id_4"),
        identity(facts, "server_id_4"));
  }

  /** Neither {@code -1}, which is of no server, nor {@code busy}, {@code invalid} and the like. */
  private static OptionalInt count(NeuronFacts facts, String file) {
    String text = facts.text(file).orElse("");
    return COUNT.matcher(text).matches()
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  /** Zeros stand there while the nodes are still electing. */
  private static Optional<String> identity(NeuronFacts facts, String file) {
    return facts
        .text(file)
        .filter(text -> IDENTITY.matcher(text).matches() && !ZEROS.matcher(text).matches());
  }

  private static List<String> modes(String list) {
    List<String> modes = new ArrayList<>();
    for (String number : list.split(",", -1)) {
      String mode = number.strip();
      if (MODES.containsKey(mode)) {
        modes.add(Objects.requireNonNull(MODES.get(mode)));
      }
    }
    return modes;
  }
}
