package io.millwright.drivers.neuron;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.drivers.host.Text;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.Arrays;
import java.util.List;

/**
 * {@code stats/hardware/health_status/unhealthy_components}: names with commas between, in one
 * line; an empty line, or {@code none}, where all are healthy. The form is inferred from the
 * release notes of driver 2.30.2 and was never seen. A component that nobody knows is {@code
 * other}. A file without any line says nothing, and nothing is not healthy.
 */
final class ComponentReader implements NeuronReader {
  static final String FILE = "stats/hardware/health_status/unhealthy_components";

  private static final List<String> KNOWN =
      List.of(
          "hbm",
          "sram",
          "firmware_service_api",
          "firmware_service_processor",
          "link_intraserver",
          "link_host",
          "link_efa",
          "link_interserver",
          "link_switch",
          "axi_fabric");
  private static final byte[] NONE = "none".getBytes(US_ASCII);
  private static final char COMMA = ',';
  private static final int LONGEST = 64;

  private final SysfsFile file;
  private final byte[][] names;
  private final boolean[] unhealthy;
  private final int first;

  ComponentReader(NeuronFiles files, Accelerator accelerator, SeriesTable.Builder table) {
    file = files.open(FILE, Cadence.FAST);
    names = KNOWN.stream().map(name -> name.getBytes(US_ASCII)).toArray(byte[][]::new);
    unhealthy = new boolean[names.length + 1];
    first = table.size();
    KNOWN.forEach(name -> add(name, accelerator, table));
    add("other", accelerator, table);
  }

  private static void add(String name, Accelerator accelerator, SeriesTable.Builder table) {
    table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_COMPONENT_UNHEALTHY, accelerator, name));
  }

  @Override
  public Cadence cadence() {
    return Cadence.FAST;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    boolean read = file.read(round);
    boolean parsed = read && parse(round.text());
    for (int i = 0; i < unhealthy.length; i++) {
      if (parsed) {
        readings.measured(first + i, unhealthy[i] ? 1 : 0);
      } else {
        readings.unavailable(first + i, read ? Fault.PARSE : file.fault());
      }
    }
  }

  private boolean parse(Text text) {
    Arrays.fill(unhealthy, false);
    if (!text.line()) {
      return false;
    }
    if (!text.wordUntil(COMMA)) {
      return !text.skip(COMMA) && !text.line();
    }
    if (text.wordIs(NONE)) {
      return !text.skip(COMMA) && !text.word() && !text.line();
    }
    do {
      if (!text.wordIsName(LONGEST)) {
        return false;
      }
      unhealthy[place(text)] = true;
    } while (text.skip(COMMA) && text.wordUntil(COMMA));
    return !text.word() && !text.line();
  }

  private int place(Text text) {
    for (int i = 0; i < names.length; i++) {
      if (text.wordIs(names[i])) {
        return i;
      }
    }
    return names.length;
  }

  @Override
  public void close() {
    file.close();
  }
}
