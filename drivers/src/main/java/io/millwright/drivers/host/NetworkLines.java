package io.millwright.drivers.host;

import io.millwright.drivers.host.DeviceCounters.Column;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/**
 * Lines of {@code /proc/net/dev}: the interface's name, a colon, with or without blanks behind it,
 * and 16 numbers. The loopback interface is left out.
 */
final class NetworkLines implements DeviceCounters.Layout {
  private static final int NUMBERS = 16;

  @Override
  public boolean toName(Text text) {
    return text.wordUntil(':') && text.skip(':');
  }

  @Override
  public int numbers() {
    return NUMBERS;
  }

  @Override
  public List<Column> columns() {
    return List.of(
        new Column(Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL, 0, 1, List.of()),
        new Column(Metric.NODE_NETWORK_TRANSMIT_BYTES_TOTAL, 8, 1, List.of()),
        new Column(Metric.NODE_NETWORK_ERRORS_TOTAL, 2, 1, List.of("receive")),
        new Column(Metric.NODE_NETWORK_ERRORS_TOTAL, 10, 1, List.of("transmit")),
        new Column(Metric.NODE_NETWORK_DROPS_TOTAL, 3, 1, List.of("receive")),
        new Column(Metric.NODE_NETWORK_DROPS_TOTAL, 11, 1, List.of("transmit")));
  }

  @Override
  public boolean shows(String name) {
    return !name.equals("lo");
  }
}
