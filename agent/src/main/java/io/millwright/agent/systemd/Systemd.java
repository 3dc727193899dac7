package io.millwright.agent.systemd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.freedesktop.dbus.connections.IDisconnectCallback;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.matchrules.DBusMatchRule;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.messages.constants.MessageTypes;
import org.freedesktop.dbus.types.Variant;

/**
 * One connection to systemd through the system bus.
 *
 * <p><i>Lifecycle:</i> {@link #connect}, use, {@link #close}; a lost connection stays lost.
 * <i>Threading:</i> any thread may ask; each call waits for its answer no longer than ten seconds.
 * <i>Failure:</i> {@link SystemdException}; an answer that did not come says nothing of what was
 * done.
 */
public final class Systemd implements AutoCloseable {
  private static final String NAME = "org.freedesktop.systemd1";
  private static final String ROOT = "/org/freedesktop/systemd1";
  private static final String MANAGER = "org.freedesktop.systemd1.Manager";
  private static final String UNIT = "org.freedesktop.systemd1.Unit";
  private static final String SERVICE = "org.freedesktop.systemd1.Service";
  private static final String PROPERTIES = "org.freedesktop.DBus.Properties";
  private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";

  /**
   * The bus says these of a call that it had passed on, as to a systemd that executes itself anew.
   */
  private static final Set<String> UNKNOWN_END =
      Set.of(
          "org.freedesktop.DBus.Error.NoReply",
          "org.freedesktop.DBus.Error.Timeout",
          "org.freedesktop.DBus.Error.TimedOut",
          "org.freedesktop.DBus.Error.Disconnected");

  private static final long DEADLINE_MS = 10_000;

  private final DBusConnection connection;
  private volatile String owner = "";

  private Systemd(DBusConnection connection) {
    this.connection = connection;
  }

  /** What systemd tells, on a thread of the connection. */
  public interface Listener {
    /** A unit's start, stop or the like came to its end: {@code done}, {@code failed}, … */
    void finished(String unit, String result);

    /** The connection is gone. */
    void lost();
  }

  /**
   * To ask, and hear nothing.
   *
   * @param socket of the system bus
   * @param uid of this process
   */
  public static Systemd connect(Path socket, long uid) throws SystemdException {
    return new Systemd(opened(socket, uid, new IDisconnectCallback() {}));
  }

  /**
   * To ask and to hear.
   *
   * @param socket of the system bus
   * @param uid of this process
   */
  public static Systemd connect(Path socket, long uid, Listener listener) throws SystemdException {
    Systemd systemd = new Systemd(opened(socket, uid, new Loss(listener)));
    try {
      systemd.listen(listener);
      return systemd;
    } catch (SystemdException | RuntimeException | LinkageError e) {
      systemd.close(); // with its threads
      throw e;
    }
  }

  private static DBusConnection opened(Path socket, long uid, IDisconnectCallback loss)
      throws SystemdException {
    try {
      return DBusConnectionBuilder.forAddress("unix:path=" + socket)
          .withShared(false)
          .withDisconnectCallback(loss)
          .transportConfig()
          .configureSasl()
          .withSaslUid(uid)
          .back()
          .back()
          .receivingThreadConfig()
          .withMethodCallThreadCount(1)
          .connectionConfig()
          .build();
    } catch (DBusException | RuntimeException | LinkageError e) {
      // A runtime without the module jdk.security.auth lacks a class that dbus-java asks for the
      // uid.
      throw new SystemdException("connecting to the system bus at " + socket, e);
    }
  }

  private void listen(Listener listener) throws SystemdException {
    DBusMatchRule rule =
        DBusMatchRuleBuilder.create()
            .withType(MessageTypes.SIGNAL)
            .withInterface(MANAGER)
            .withMember("JobRemoved")
            .withPath(ROOT)
            .build();
    try {
      connection.addGenericSigHandler(rule, signal -> heard(signal, listener));
    } catch (DBusException e) {
      throw new SystemdException("listening to systemd", e);
    }
    call("listening to systemd", ROOT, MANAGER, "Subscribe", null);
  }

  /** Anybody on the bus may send such a signal; what is not systemd's is not heard. */
  private void heard(DBusSignal signal, Listener listener) {
    String sender = String.valueOf(signal.getSource());
    if (!sender.equals(owner)) {
      owner = String.valueOf(connection.getDBusOwnerName(NAME)); // it is another after a reexec
    }
    if (sender.equals(owner)) {
      told(signal, listener);
    }
  }

  /** JobRemoved has the signature {@code uoss}: number, path, unit, result. */
  private static void told(DBusSignal signal, Listener listener) {
    try {
      Object[] words = signal.getParameters();
      if (words.length == 4 && words[2] instanceof String unit && words[3] instanceof String how) {
        listener.finished(unit, how);
      }
    } catch (DBusException e) {
      listener.lost(); // a connection that cannot be read is of no use
    }
  }

  private record Loss(Listener listener) implements IDisconnectCallback {
    @Override
    public void disconnectOnError(java.io.IOException cause) {
      listener.lost();
    }
  }

  /**
   * Begins a transient unit, and those beside it that it requires. Returns when the start is
   * queued; {@link Listener#finished} tells how it went.
   */
  public void start(String unit, List<Property> properties, Map<String, List<Property>> beside)
      throws SystemdException {
    List<Object[]> others = new ArrayList<>();
    beside.forEach((name, theirs) -> others.add(new Object[] {name, onTheBus(theirs)}));
    call(
        "starting " + unit,
        ROOT,
        MANAGER,
        "StartTransientUnit",
        "ssa(sv)a(sa(sv))",
        unit,
        "fail",
        onTheBus(properties),
        others);
  }

  /**
   * Begins a unit that is installed. Returns when the start is queued; {@link Listener#finished}
   * tells how it went.
   */
  public void startInstalled(String unit) throws SystemdException {
    call("starting " + unit, ROOT, MANAGER, "StartUnit", "ss", unit, "fail");
  }

  private static List<Object[]> onTheBus(List<Property> properties) {
    return properties.stream().map(Property::onTheBus).toList();
  }

  /** Asks it to end as its own properties say; one that is not there is no failure. */
  public void stop(String unit) throws SystemdException {
    whereThere("stopping " + unit, "StopUnit", "ss", unit, "replace");
  }

  /** Sends a signal to all its processes; one that is not there is no failure. */
  public void kill(String unit, int signal) throws SystemdException {
    whereThere("signalling " + unit, "KillUnit", "ssi", unit, "all", signal);
  }

  /** Lets go of one that failed; one that is not there is no failure. */
  public void forget(String unit) throws SystemdException {
    whereThere("forgetting " + unit, "ResetFailedUnit", "s", unit);
  }

  private void whereThere(String operation, String method, String signature, Object... words)
      throws SystemdException {
    Message reply = reply(operation, ROOT, MANAGER, method, signature, words);
    if (reply instanceof Error error && !NO_SUCH_UNIT.equals(error.getName())) {
      throw refused(operation, error);
    }
  }

  /** The units in memory whose names match a shell pattern. */
  public List<UnitRow> list(String pattern) throws SystemdException {
    return list(List.of(pattern));
  }

  /** The units in memory whose names match one of these shell patterns. */
  public List<UnitRow> list(List<String> patterns) throws SystemdException {
    Object[] answer =
        call(
            "listing " + String.join(" ", patterns),
            ROOT,
            MANAGER,
            "ListUnitsByPatterns",
            "asas",
            List.of(),
            List.copyOf(patterns));
    List<UnitRow> rows = new ArrayList<>();
    for (Object row : (List<?>) answer[0]) {
      Object[] words = (Object[]) row;
      rows.add(
          new UnitRow(
              words[0].toString(),
              words[2].toString(),
              words[3].toString(),
              words[4].toString(),
              words[6].toString(),
              ((Number) words[7]).longValue() != 0));
    }
    return rows;
  }

  /** A unit in memory; empty when there is none of that name. */
  public Optional<UnitRow> find(String unit) throws SystemdException {
    return list(unit).stream().filter(row -> row.name().equals(unit)).findFirst();
  }

  /**
   * What systemd calls a unit ({@code active}, {@code failed}), by any of its names; empty when
   * there is none in memory.
   */
  public Optional<String> active(String unit) throws SystemdException {
    String operation = "finding " + unit;
    Message reply = reply(operation, ROOT, MANAGER, "GetUnit", "s", unit);
    if (reply instanceof Error error) {
      if (gone(error)) {
        return Optional.empty();
      }
      throw refused(operation, error);
    }
    Object path = parameters(operation, reply)[0];
    return property(unit, path.toString(), UNIT, "ActiveState").map(Object::toString);
  }

  /** The id of its present or latest invocation, 32 hexadecimal digits; empty before the first. */
  public Optional<String> invocation(UnitRow unit) throws SystemdException {
    return property(unit, UNIT, "InvocationID")
        .map(Systemd::bytes)
        .map(bytes -> HexFormat.of().formatHex(bytes))
        .filter(id -> id.length() == 32);
  }

  private static byte[] bytes(Object array) {
    if (array instanceof byte[] bytes) {
      return bytes;
    }
    List<?> list = (List<?>) array;
    byte[] bytes = new byte[list.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = ((Number) list.get(i)).byteValue();
    }
    return bytes;
  }

  /** A number of its service; empty when the unit is gone. */
  public Optional<Long> number(UnitRow unit, String property) throws SystemdException {
    return property(unit, SERVICE, property).map(value -> ((Number) value).longValue());
  }

  /** A word of its service; empty when the unit is gone. */
  public Optional<String> word(UnitRow unit, String property) throws SystemdException {
    return property(unit, SERVICE, property).map(Object::toString);
  }

  private Optional<Object> property(UnitRow unit, String owner, String property)
      throws SystemdException {
    return property(unit.name(), unit.path(), owner, property);
  }

  private Optional<Object> property(String unit, String path, String owner, String property)
      throws SystemdException {
    String operation = "reading " + property + " of " + unit;
    Message reply = reply(operation, path, PROPERTIES, "Get", "ss", owner, property);
    if (reply instanceof Error error) {
      if (gone(error)) {
        return Optional.empty();
      }
      throw refused(operation, error);
    }
    Object value = parameters(operation, reply)[0];
    return Optional.of(value instanceof Variant<?> variant ? variant.getValue() : value);
  }

  private static boolean gone(Error error) {
    return error.getName().contains("Unknown") || NO_SUCH_UNIT.equals(error.getName());
  }

  private Object[] call(
      String operation,
      String path,
      String owner,
      String method,
      @org.jspecify.annotations.Nullable String signature,
      Object... words)
      throws SystemdException {
    Message reply = reply(operation, path, owner, method, signature, words);
    if (reply instanceof Error error) {
      throw refused(operation, error);
    }
    return parameters(operation, reply);
  }

  private static Object[] parameters(String operation, Message reply) throws SystemdException {
    try {
      Object[] parameters = reply.getParameters();
      return parameters == null ? new Object[0] : parameters;
    } catch (DBusException e) {
      throw new SystemdException(operation, e);
    }
  }

  private static SystemdException refused(String operation, Error error) throws SystemdException {
    Object[] words = parameters(operation, error);
    String said = words.length > 0 ? String.valueOf(words[0]) : String.valueOf(error.getName());
    return new SystemdException(
        operation, !UNKNOWN_END.contains(String.valueOf(error.getName())), said);
  }

  private Message reply(
      String operation,
      String path,
      String owner,
      String method,
      @org.jspecify.annotations.Nullable String signature,
      Object... words)
      throws SystemdException {
    try {
      MethodCall call =
          connection
              .getMessageFactory()
              .createMethodCall(NAME, path, owner, method, (byte) 0, signature, words);
      connection.sendMessage(call);
      Message reply = call.getReply(DEADLINE_MS);
      if (reply == null) {
        throw new SystemdException(operation, false, "no answer within ten seconds");
      }
      return reply;
    } catch (DBusException | DBusExecutionException e) {
      throw new SystemdException(operation, e);
    }
  }

  public boolean connected() {
    return connection.isConnected();
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
