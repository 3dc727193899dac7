package io.millwright.collector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code HOST:PORT}; port 0 lets the system choose one. */
final class AddressOption implements ITypeConverter<InetSocketAddress> {
  private static final int HIGHEST = 65_535;
  private static final Pattern FORM = Pattern.compile("\\[?([^\\[\\]]+)\\]?:([0-9]{1,5})");

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Override
  public InetSocketAddress convert(String given) {
    Matcher form = FORM.matcher(given);
    if (!form.matches() || Integer.parseInt(form.group(2)) > HIGHEST) {
      throw new TypeConversionException(
          "'%s' is no HOST:PORT, as 127.0.0.1:9461 or [::1]:9461".formatted(given));
    }
    InetSocketAddress address =
        new InetSocketAddress(form.group(1), Integer.parseInt(form.group(2)));
    if (address.isUnresolved()) {
      throw new TypeConversionException("'%s' has no address".formatted(form.group(1)));
    }
    return address;
  }
}
