package io.millwright.drivers.nvml;

import io.millwright.drivers.Source;
import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One NVIDIA device that answered when it was opened.
 *
 * <p><i>Lifecycle:</i> made by {@link NvmlDriver#open}; of no use any more once a round ended as
 * lost or without driver: close it and open anew. <i>Threading:</i> its lane's thread only.
 * <i>Failure:</i> as {@link Source} says; a call may block for ever, and the lane's watch knows
 * which.
 */
public final class NvmlDevice implements Source {
  private static final int FAST_FIELDS = DeviceCalls.OUT + DeviceCalls.OUT_SIZE;
  private static final int MEDIUM_FIELDS = FAST_FIELDS + FieldBatch.size(FastFields.COUNT);
  private static final int SLOW_FIELDS = MEDIUM_FIELDS + FieldBatch.size(MediumFields.COUNT);

  /** How often a division that does not settle is asked for before its time. */
  private static final int MOST_HURRIED_LOOKS = 3;

  private final Nvml nvml;
  private final long device;
  private final NvmlIdentity identity;
  private final String driverVersion;
  private final Metric.Tier tier;
  private final BooleanSupplier counters;
  private final Neighbours neighbours;
  private Links links;
  private Desk desk;
  private Division division = Division.NOT_KNOWN;
  private List<NvmlInstance> instances = List.of();
  private boolean dividedAnew;
  private int hurriedLooks = MOST_HURRIED_LOOKS;
  private Neighbours.@Nullable Peer joined;

  /**
   * The readers of a device: other ones once it is known which links it has.
   *
   * @param fixed the series of the readers; those behind them may change, see {@link #describe}
   */
  private record Desk(
      DeviceCalls calls,
      SeriesTable fixed,
      List<Reader> readers,
      FabricReader fabric,
      Particulars particulars,
      PeerReader peers,
      FanReader fans) {}

  /**
   * @param tier the last tier of families that is read
   * @param counters whether the performance counters are ours to use now
   * @param neighbours the open devices of the driver, which this joins once it has answered a slow
   *     round, until it is closed
   */
  NvmlDevice(
      Nvml nvml,
      long device,
      NvmlIdentity identity,
      String driverVersion,
      Metric.Tier tier,
      BooleanSupplier counters,
      Neighbours neighbours) {
    this.nvml = nvml;
    this.device = device;
    this.identity = identity;
    this.driverVersion = driverVersion;
    this.tier = tier;
    this.counters = counters;
    this.neighbours = neighbours;
    this.links = Links.ask(nvml, device, tier);
    this.desk = desk(links);
    askForDivision();
  }

  private Desk desk(Links links) {
    Accelerator accelerator = identity.accelerator();
    List<LinkReader.Place> places =
        LinkReader.places(links, identity.nvlink5(), accelerator.model(), tier);
    SeriesTable.Builder table = SeriesTable.builder(tier);
    List<Field> smoothing = PowerSmoothingReader.fields(FieldIds.of(driverVersion), table);
    List<Field> slowFields =
        Stream.of(
                PcieReader.fields().stream(),
                ThermalReader.fields(table).stream(),
                places.stream().flatMap(place -> place.plan().fields().stream()),
                smoothing.stream(),
                RetirementReader.fields().stream())
            .flatMap(fields -> fields)
            .toList();
    NativeBlock block = new NativeBlock(SLOW_FIELDS + FieldBatch.size(slowFields.size()));
    int info =
        table.add(
            Cadence.ONCE,
            Series.of(Metric.ACCELERATOR_INFO, accelerator, identity.infoLabels(driverVersion)));
    SlowFields slow = new SlowFields(block, SLOW_FIELDS, slowFields);
    FabricReader fabric = new FabricReader(table, accelerator);
    List<Reader> readers = new ArrayList<>(readers(block, slow, table));
    Particulars particulars = new Particulars(identity.vbios(), table);
    PeerReader peers = new PeerReader(neighbours, accelerator, table);
    FanReader fans = new FanReader();
    readers.add(fabric);
    readers.add(peers);
    addFurther(readers, particulars, fans, table);
    int first = PcieReader.fields().size() + ThermalReader.fields(table).size();
    for (LinkReader.Place place : places) {
      readers.add(new LinkReader(slow, place, first, table, accelerator));
      first += place.plan().entries();
    }
    if (!smoothing.isEmpty()) {
      readers.add(new PowerSmoothingReader(slow, first, table, accelerator));
    }
    readers.add(new RetirementReader(slow, first + smoothing.size(), table, accelerator));
    readers.add(new PowerProfileReader(table, accelerator));
    SeriesTable fixed = table.build();
    Readings readings = new Readings(fixed);
    readings.measured(info, 1);
    DeviceCalls calls = new DeviceCalls(nvml, device, block, readings);
    return new Desk(calls, fixed, List.copyOf(readers), fabric, particulars, peers, fans);
  }

  /**
   * Shows what has become known of the device, behind the series of its readers, which go on as
   * they are: place and firmware, its peers, its fans, its domain of the fabric.
   */
  private void describe(Desk desk) {
    Accelerator accelerator = identity.accelerator();
    SeriesTable.Builder table = SeriesTable.builder(tier, desk.fixed());
    int[] infos =
        Stream.concat(
                desk.particulars().infos(accelerator).stream(),
                desk.peers().infos(accelerator).stream())
            .mapToInt(series -> table.add(Cadence.ONCE, series))
            .toArray();
    desk.fans().show(desk.particulars().fans(), table, accelerator);
    boolean moved = desk.fabric().moved();
    desk.fabric().show(table, accelerator);
    Readings readings =
        Readings.continued(table.build(), desk.calls().readings(), desk.fixed().size());
    for (int info : infos) {
      readings.measured(info, 1);
    }
    if (moved) {
      desk.fabric().shown(readings);
    }
    desk.calls().use(readings);
  }

  /** The readers that only sites have that see beyond tier {@code base}. */
  private void addFurther(
      List<Reader> readers, Particulars particulars, FanReader fans, SeriesTable.Builder table) {
    Accelerator accelerator = identity.accelerator();
    if (Particulars.wanted(table)) {
      readers.add(particulars);
    }
    if (ModeReader.wanted(table)) {
      readers.add(new ModeReader(table, accelerator));
    }
    if (RepairReader.wanted(table)) {
      readers.add(new RepairReader(table, accelerator));
    }
    if (CodecReader.wanted(table)) {
      readers.add(new CodecReader(table, accelerator));
    }
    addProtection(readers, table);
    if (CoherenceReader.wanted(table)) {
      readers.add(new CoherenceReader(table, accelerator));
    }
    if (LinkModeReader.wanted(table)) {
      readers.add(new LinkModeReader(table, accelerator));
    }
    readers.add(fans);
  }

  private void addProtection(List<Reader> readers, SeriesTable.Builder table) {
    if (!ConfidentialReader.wanted(table)) {
      return;
    }
    ConfidentialReader confidential = new ConfidentialReader(table, identity.accelerator());
    readers.add(confidential);
    if (ProtectionReader.wanted(table)) {
      readers.add(new ProtectionReader(confidential, table, identity.accelerator()));
    }
  }

  /** Readers of fields come before those that take entries from them. */
  private List<Reader> readers(NativeBlock block, SlowFields slow, SeriesTable.Builder table) {
    Accelerator accelerator = identity.accelerator();
    FastFields fast = new FastFields(block, FAST_FIELDS, FieldIds.of(driverVersion));
    MediumFields medium = new MediumFields(block, MEDIUM_FIELDS);
    PowerReader power = new PowerReader(fast, medium, table, accelerator);
    ActivityReader activity = new ActivityReader(counters, table, accelerator);
    ProcessReader processes = new ProcessReader(driverVersion, table, accelerator);
    return List.of(
        fast,
        medium,
        slow,
        power,
        new EnergyReader(fast, table, accelerator),
        new PowerWindowReader(fast, power, table, accelerator),
        activity,
        new ThermalReader(fast, slow, PcieReader.fields().size(), table, accelerator),
        new ClockReader(fast, table, accelerator),
        new LoadReader(activity, table, accelerator),
        new MemoryReader(table, accelerator),
        processes,
        new AccountingReader(processes, table, accelerator),
        new ErrorReader(medium, table, accelerator),
        new IntegrityReader(table, accelerator),
        new PcieReader(fast, slow, table, accelerator));
  }

  /** Who this is, for as long as it is open. */
  public Accelerator accelerator() {
    return identity.accelerator();
  }

  /** The {@code nvmlDevice_t}, by which events name their device. */
  public long handle() {
    return device;
  }

  /** The calls that are made less often than they should be; another instance when that changed. */
  public List<Demotion> demotions() {
    return nvml.admission().demotions();
  }

  /** Something happened to the device: what it refused is asked for once more. */
  public void askAnew() {
    nvml.admission().forgetRefusals();
    for (Reader reader : desk.readers()) {
      reader.askAnew();
    }
    instances.forEach(NvmlInstance::askAnew);
  }

  /** Something happened to the device: the next medium round sees how it is divided. */
  public void lookAnew() {
    dividedAnew = true;
    hurriedLooks = MOST_HURRIED_LOOKS;
  }

  /** Whether the device is divided (MIG), as the driver said last. */
  public PartitionMode partitionMode() {
    return division.mode();
  }

  /** Its MIG instances; another list when they have changed. */
  public List<NvmlInstance> instances() {
    return instances;
  }

  /** What came of registering. */
  public enum Registered {
    WATCHED,
    /** The device has no events. */
    UNSUPPORTED,
    /** Not now; to be tried again. */
    REFUSED
  }

  /** Asks the driver to put this device's events into a set; events before this are lost. */
  public Registered register(NvmlEvents events) {
    DeviceCalls calls = desk.calls();
    int code = calls.nvml().supportedEvents(calls.device(), calls.out(0));
    if (code == NvmlCode.SUCCESS) {
      long types = calls.block().getLong(DeviceCalls.OUT) & NvmlEvents.WANTED;
      code = calls.nvml().registerEvents(calls.device(), types, events.set());
    }
    if (code == NvmlCode.SUCCESS) {
      return Registered.WATCHED;
    }
    return NvmlCode.absent(code) ? Registered.UNSUPPORTED : Registered.REFUSED;
  }

  @Override
  public Readings readings() {
    return desk.calls().readings();
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    if (cadence == Cadence.SLOW && !links.known()) {
      askForLinks(nowNanos);
    }
    lookAfterDivision(cadence);
    return read(desk, cadence, nowNanos);
  }

  /**
   * At each slow round, and in a medium one after an event. One that does not settle is asked for
   * at a few medium rounds and then at the slow ones alone: all of it is many calls, and no budget
   * of a round holds them.
   */
  private void lookAfterDivision(Cadence cadence) {
    boolean anew = dividedAnew || !division.complete();
    if (cadence == Cadence.MEDIUM && anew && hurriedLooks > 0) {
      hurriedLooks--;
      askForDivision();
    } else if (cadence == Cadence.SLOW) {
      if (anew || !division.stands(nvml, device, desk.calls().block())) {
        askForDivision();
      } else {
        hurriedLooks = MOST_HURRIED_LOOKS;
      }
    }
  }

  /** Outside of the rounds, so that no refusal of now is remembered. */
  private void askForDivision() {
    dividedAnew = false;
    Division now = Division.ask(nvml, device, desk.calls().block(), division);
    if (now.equals(division)) {
      return;
    }
    boolean others = now.mode() != division.mode() || !now.parts().equals(division.parts());
    division = now;
    if (others) {
      instances = instances(now);
      askAnew(); // what a divided device refuses, a whole one may not
    }
  }

  /** Those that are still there go on as they were. */
  private List<NvmlInstance> instances(Division now) {
    List<NvmlInstance> before = new ArrayList<>(instances);
    List<NvmlInstance> after = new ArrayList<>();
    for (Division.Part part : now.parts()) {
      Accelerator named = named(now, part);
      NvmlInstance kept =
          before.stream()
              .filter(instance -> instance.is(part, named))
              .findFirst()
              .orElseGet(() -> opened(now, part, named));
      before.remove(kept);
      after.add(kept);
    }
    for (NvmlInstance gone : before) {
      gone.close();
      nvml.admission().forgetPart(gone.number());
    }
    return List.copyOf(after);
  }

  private Accelerator named(Division now, Division.Part part) {
    Accelerator parent = identity.accelerator();
    return new Accelerator(
        parent.node(),
        now.index(parent.index(), part),
        part.uuid(),
        parent.vendor(),
        part.name(),
        parent.simulated());
  }

  private NvmlInstance opened(Division now, Division.Part part, Accelerator named) {
    return new NvmlInstance(
        nvml.ofPart(NvmlInstance.number(part)),
        device,
        part,
        now.alone(part),
        named,
        driverVersion,
        identity.infoLabels(driverVersion),
        tier,
        counters);
  }

  /** Asked again where the driver could not say at the opening; all else is read anew with them. */
  private void askForLinks(long nowNanos) {
    Links asked = Links.ask(nvml, device, tier);
    if (!asked.known()) {
      return;
    }
    Desk before = desk;
    desk = desk(asked);
    links = asked;
    close(before);
    read(desk, Cadence.FAST, nowNanos);
    read(desk, Cadence.MEDIUM, nowNanos);
  }

  private Outcome read(Desk desk, Cadence cadence, long nowNanos) {
    desk.calls().readings().at(nowNanos);
    desk.calls().begin(cadence, nowNanos);
    for (int i = 0; i < desk.readers().size(); i++) {
      desk.readers().get(i).read(cadence, desk.calls());
    }
    int made = nvml.admission().made();
    for (int i = 0; i < instances.size(); i++) {
      NvmlInstance instance = instances.get(i);
      instance.read(cadence, nowNanos);
      dividedAnew |= instance.gone();
    }
    Outcome outcome = desk.calls().outcome(made);
    if (joined == null && cadence == Cadence.SLOW && outcome == Outcome.ANSWERED) {
      joined = neighbours.joined(identity.accelerator().uuid());
    }
    boolean news = desk.particulars().takeNews();
    news |= desk.peers().takeNews();
    if (news || desk.fabric().moved()) {
      describe(desk);
    }
    return outcome;
  }

  @Override
  public void close() {
    if (joined != null) {
      neighbours.left(joined);
    }
    instances.forEach(NvmlInstance::close);
    close(desk);
  }

  private static void close(Desk desk) {
    desk.readers().forEach(reader -> reader.close(desk.calls()));
    desk.calls().block().close();
  }
}
