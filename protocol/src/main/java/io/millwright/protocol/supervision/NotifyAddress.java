package io.millwright.protocol.supervision;

import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The socket on which systemd awaits words, as {@code NOTIFY_SOCKET} names it: a path, or {@code @}
 * and a name in Linux's abstract namespace.
 *
 * @param name as it is named
 */
record NotifyAddress(String name) {
  private static final int AF_UNIX = 1;

  /** {@code sizeof(((struct sockaddr_un *) 0)->sun_path)}, see unix(7). */
  private static final int LONGEST = 108;

  /** Empty for what is no AF_UNIX address, as {@code vsock:2:1}. */
  static Optional<NotifyAddress> of(String name) {
    boolean known = name.startsWith("/") || name.startsWith("@");
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    return known && bytes > 1 && bytes < LONGEST
        ? Optional.of(new NotifyAddress(name))
        : Optional.empty();
  }

  /** A {@code struct sockaddr_un}. An abstract name begins with a NUL and has none at its end. */
  byte[] bytes() {
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    boolean hidden = path[0] == '@';
    ByteArrayOutputStream address = new ByteArrayOutputStream(path.length + 3);
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    address.write(little ? AF_UNIX : 0);
    address.write(little ? 0 : AF_UNIX);
    address.write(hidden ? 0 : path[0]);
    address.write(path, 1, path.length - 1);
    if (!hidden) {
      address.write(0);
    }
    return address.toByteArray();
  }
}
