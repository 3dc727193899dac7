package io.millwright.collector.hot;

import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.RowEncoder;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The hot set of the fleet, now and over the last ten minutes.
 *
 * <p><i>Threading:</i> {@link #look}, {@link #fill} and {@link #tidy} on the thread {@code
 * control}, the single writer; all else from any thread, without a lock. {@link HotColumns} says
 * what a reader sees. <i>Failure:</i> none; what does not fit into the history's bytes goes, the
 * oldest first.
 *
 * <p>A node that was lost for so long that nothing of its history is left gives its rows back, and
 * gets others when it comes again. A sample that a newer one overtook in the writer's inbox is in
 * neither.
 */
public final class HotFleet {
  private static final int FIRST_ROWS = 64;
  private static final int LEAST_DEAD = 1024;

  /** Numbers of devices for which a row is kept ready. */
  private static final int MOST_ROWS = 64;

  /** Of racks in which no node stands any more. */
  private static final int MOST_STRAY_NAMES = 100;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long TIDY_NANOS = Duration.ofSeconds(1).toNanos();

  private final History history;
  private final Map<String, HotNode> nodes = new ConcurrentHashMap<>();
  private final Map<String, HotDevice> devices = new ConcurrentHashMap<>();
  private final Map<Integer, Row> rows = new HashMap<>();
  private final Map<String, String> rackNames = new HashMap<>();
  private volatile HotColumns columns;
  private HotNode[] order = new HotNode[FIRST_ROWS];
  private int[] firsts = new int[FIRST_ROWS];
  private int[] wholes = new int[FIRST_ROWS];
  private AtomicLongArray heard = new AtomicLongArray(FIRST_ROWS);
  private int count;
  private AtomicLongArray[] cells = cells(FIRST_ROWS);
  private int used;
  private int dead;
  private RackMap racks = RackMap.EMPTY;
  private long tidiedNanos = Long.MIN_VALUE / 2;

  /**
   * @param mostBytes what the history may take of the heap
   */
  public HotFleet(long mostBytes) {
    this.history = new History(mostBytes);
    this.columns = new HotColumns(order, firsts, wholes, heard, 0, cells);
  }

  private static AtomicLongArray[] cells(int rows) {
    AtomicLongArray[] made = new AtomicLongArray[HotMetric.COUNT];
    for (int i = 0; i < made.length; i++) {
      made[i] = new AtomicLongArray(rows);
    }
    return made;
  }

  /** The families of a row of so many devices: those of the hot set, device by device. */
  static List<Metric> series(int devices) {
    List<Metric> series = new ArrayList<>(devices * HotMetric.COUNT);
    for (int i = 0; i < devices; i++) {
      HotMetric.all().forEach(one -> series.add(one.metric()));
    }
    return series;
  }

  // ---- reading

  /** What is known now. */
  public HotColumns columns() {
    return columns;
  }

  /** The newest device of this UUID; empty where none is in the columns. */
  public Optional<HotDevice> device(String uuid) {
    return Optional.ofNullable(devices.get(uuid));
  }

  /**
   * What a device told of late, the oldest first.
   *
   * @param sinceWallMs from when on, by the collector's wall clock
   */
  public List<Point> history(HotDevice device, HotMetric metric, long sinceWallMs) {
    HotNode node = nodes.get(device.node());
    return node == null ? List.of() : node.history.points(device.uuid(), metric, sinceWallMs);
  }

  /** What the history takes of the heap, in bytes. */
  public long historyBytes() {
    return history.bytes();
  }

  /** Readings that went before their ten minutes were over, for want of room. */
  public long evicted() {
    return history.evicted();
  }

  /** Since when there is history, by the collector's wall clock; empty where there is none. */
  public OptionalLong oldestWallMs() {
    return history.oldestWallMs();
  }

  // ---- writing

  /** Takes in what is new of a node. */
  @SuppressWarnings("ReferenceEquality") // of another session, or of one that keeps it in place
  public void look(NodeState node, long nowNanos) {
    HotNode known = nodes.get(node.name());
    Readout sample = node.sample();
    if (known == null && (sample.table().size() == 0 || node.link(nowNanos) != Link.CONNECTED)) {
      return; // it has told nothing yet, or nothing of now
    }
    if (known == null || known.taken == null || known.taken.table() != sample.table()) {
      known = placed(node, known);
    }
    if (known.taken != sample || known.heardNanos != node.arrivedNanos()) {
      known.taken = sample;
      if (!known.devices().isEmpty()) {
        take(known, sample, node);
      }
    }
    known.heardNanos = node.arrivedNanos();
    heard.set(known.at, node.session() != 0 ? node.arrivedNanos() : HotColumns.SILENT);
  }

  private void take(HotNode node, Readout sample, NodeState state) {
    if (rows.size() > MOST_ROWS) {
      rows.clear();
    }
    Row row = rows.computeIfAbsent(node.places.length, Row::new);
    long before = node.takenNanos;
    sample.atOneMoment(readings -> take(node, readings, row));
    long taken = node.takenNanos;
    if (taken - before > 0) { // else it came with the state before
      long sinceMs = (taken - state.arrivedNanos()) / NANOS_PER_MILLI;
      history.append(node, row, taken, state.arrivedWallMs() + sinceMs);
    }
  }

  private void take(HotNode node, Readout sample, Row row) {
    node.takenNanos = sample.takenNanos();
    for (int i = 0; i < node.places.length; i++) {
      int place = node.places[i];
      boolean present = place >= 0 && sample.measured(place);
      double value = present ? sample.value(place) : 0;
      if (present) {
        row.set(i, value);
      } else {
        row.clear(i);
      }
      cells[i % HotMetric.COUNT].setOpaque(
          node.first + i / HotMetric.COUNT, HotColumns.cell(present, value));
    }
  }

  /** What became of a row that came late. */
  public enum Filled {
    /** It is in the history. */
    TAKEN,
    /** What is as old went for want of room, or the node has as much late history as it may. */
    NO_ROOM,
    /** The node has told nothing yet, or was forgotten. */
    UNKNOWN
  }

  /**
   * Takes a row that came late into the history; what is known now stays as it is.
   *
   * @param row from {@link HotLayout#hotOf} of this layout
   * @param atNanos when it was taken, by the monotonic clock here
   * @param wallMs the same by the wall clock here
   */
  public Filled fill(String node, HotLayout layout, Row row, long atNanos, long wallMs) {
    HotNode known = nodes.get(node);
    if (known == null) {
      return Filled.UNKNOWN;
    }
    List<HotDevice> devices = layout.has(known.devices()) ? known.devices() : layout.devices();
    return history.fill(known.history, devices, row, atNanos, wallMs)
        ? Filled.TAKEN
        : Filled.NO_ROOM;
  }

  /** Finds where the hot set stands in the node's table; its rows stay where its devices do. */
  private HotNode placed(NodeState state, @Nullable HotNode known) {
    SeriesTable table = state.sample().table();
    HotLayout layout = HotLayout.of(table);
    HotNode node =
        known != null && layout.has(known.devices())
            ? known
            : rowsFor(state.name(), layout.devices(), known);
    node.told = rackTold(table);
    node.places = layout.places();
    node.stands(rack(node));
    return node;
  }

  private static String rackTold(SeriesTable table) {
    for (int i = 0; i < table.size(); i++) {
      if (table.series(i).metric() == Metric.NODE_INFO) {
        return table.series(i).labelValues().get(Metric.NODE_INFO.labels().indexOf("rack"));
      }
    }
    return "";
  }

  private HotNode rowsFor(String name, List<HotDevice> own, @Nullable HotNode before) {
    if (before != null) {
      retire(before);
    }
    HotNode node =
        new HotNode(
            name,
            own,
            before == null ? new NodeHistory() : before.history,
            RowEncoder.of(series(own.size())));
    own.forEach(device -> devices.put(device.uuid(), device));
    nodes.put(name, node);
    append(node);
    columns = new HotColumns(order, firsts, wholes, heard, count, cells);
    return node;
  }

  private void retire(HotNode node) {
    heard.set(node.at, HotColumns.SILENT);
    nodes.remove(node.name(), node);
    node.devices().forEach(device -> devices.remove(device.uuid(), device));
    dead += node.devices().size() + 1;
    if (dead > LEAST_DEAD && dead > (used + count) / 4) {
      compact();
    }
  }

  private void append(HotNode node) {
    if (count == order.length) {
      order = Arrays.copyOf(order, 2 * count);
      firsts = Arrays.copyOf(firsts, 2 * count);
      wholes = Arrays.copyOf(wholes, 2 * count);
      heard = copied(heard, count, 2 * count);
    }
    int more = node.devices().size();
    if (used + more > cells[0].length()) {
      cells = copied(cells, used, Math.max(used + more, 2 * used));
    }
    for (AtomicLongArray column : cells) {
      for (int i = used; i < used + more; i++) {
        column.setOpaque(i, HotColumns.cell(false, 0));
      }
    }
    heard.set(count, HotColumns.SILENT);
    node.at = count;
    node.first = used;
    order[count] = node;
    firsts[count] = used;
    wholes[count] = (int) node.devices().stream().filter(device -> !device.instance()).count();
    count++;
    used += more;
  }

  private static AtomicLongArray[] copied(AtomicLongArray[] from, int rows, int room) {
    AtomicLongArray[] to = new AtomicLongArray[from.length];
    for (int column = 0; column < to.length; column++) {
      to[column] = copied(from[column], rows, room);
    }
    return to;
  }

  private static AtomicLongArray copied(AtomicLongArray from, int rows, int room) {
    AtomicLongArray to = new AtomicLongArray(room);
    for (int row = 0; row < rows; row++) {
      to.setOpaque(row, from.getOpaque(row));
    }
    return to;
  }

  /** Other arrays with the rows that are in use; whoever reads the old ones goes on with those. */
  private void compact() {
    AtomicLongArray[] from = cells;
    HotNode[] all = order;
    int many = count;
    order = new HotNode[Math.max(FIRST_ROWS, nodes.size())];
    firsts = new int[order.length];
    wholes = new int[order.length];
    AtomicLongArray listened = heard;
    heard = new AtomicLongArray(order.length);
    cells = cells(FIRST_ROWS);
    count = 0;
    used = 0;
    dead = 0;
    for (int i = 0; i < many; i++) {
      HotNode node = all[i];
      if (nodes.get(node.name()) == node) {
        int old = node.first;
        long last = listened.get(node.at);
        append(node);
        heard.set(node.at, last);
        for (int column = 0; column < cells.length; column++) {
          for (int row = 0; row < node.devices().size(); row++) {
            cells[column].setOpaque(node.first + row, from[column].getOpaque(old + row));
          }
        }
      }
    }
    columns = new HotColumns(order, firsts, wholes, heard, count, cells);
  }

  /**
   * Lets go of what is too old, once a second at most.
   *
   * @param map where nodes stand; those that it does not name stand where they say themselves
   */
  public void tidy(long nowNanos, RackMap map) {
    if (map != racks || rackNames.size() > 2 * nodes.size() + MOST_STRAY_NAMES) {
      racks = map;
      rackNames.clear();
      nodes.values().forEach(node -> node.stands(rack(node)));
    }
    if (nowNanos - tidiedNanos < TIDY_NANOS) {
      return;
    }
    tidiedNanos = nowNanos;
    history.age(nowNanos);
    for (HotNode node : nodes.values()) {
      if (node.history.empty() && nowNanos - node.heardNanos > History.LONGEST.toNanos()) {
        retire(node);
      }
    }
  }

  private String rack(HotNode node) {
    String name = racks.place(node.name()).rack().orElse(node.told);
    return rackNames.computeIfAbsent(name, Function.identity()); // one of equal ones
  }

  /** Rows that are kept, those of nobody included. */
  int room() {
    return cells[0].length();
  }
}
