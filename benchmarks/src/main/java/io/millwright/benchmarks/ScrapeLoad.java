package io.millwright.benchmarks;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.URI;

/**
 * Scrapes one URL over one connection and tells how long each took, from the first byte sent to the
 * last received.
 *
 * <pre>
 * ScrapeLoad URL SCRAPES PERIOD_MS [gzip]
 * </pre>
 *
 * A period of 0 means back to back.
 */
final class ScrapeLoad {
  private static final int WARM_UP = 20;

  private final Clock clock = Clock.system();
  private final URI uri;

  ScrapeLoad(URI uri) {
    this.uri = uri;
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 3) {
      throw new BenchmarkException("usage: ScrapeLoad URL SCRAPES PERIOD_MS [gzip]");
    }
    boolean gzip = arguments.length > 3 && arguments[3].equals("gzip");
    ScrapeLoad load = new ScrapeLoad(URI.create(arguments[0]));
    load.run(WARM_UP, 0, gzip);
    Result result = load.run(Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]), gzip);
    Line line = Line.of("scrape").add("bytes", result.bytes());
    result.latencies().into(line);
    System.out.println(line);
  }

  /**
   * What came of it.
   *
   * @param bytes of the last body
   */
  record Result(Latencies latencies, int bytes) {}

  Result run(int scrapes, long periodMillis, boolean gzip) throws IOException {
    long[] took = new long[scrapes];
    int bytes = 0;
    try (Connection connection = Connection.open(uri, gzip)) {
      long began = clock.nanos();
      for (int i = 0; i < scrapes; i++) {
        rest(began + i * periodMillis * 1_000_000);
        long start = clock.nanos();
        bytes = connection.get();
        took[i] = clock.nanos() - start;
      }
    }
    return new Result(Latencies.of(took), bytes);
  }

  private void rest(long untilNanos) {
    while (clock.nanos() - untilNanos < 0) {
      clock.parkUntil(untilNanos);
    }
  }
}
