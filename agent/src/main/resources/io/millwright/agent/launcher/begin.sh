# The last step before the program, already as its user: environment from standard input, verdict
# to descriptor 3. $1 working directory  $2... program and arguments
while IFS= read -r variable; do
  export "$variable"
done
cd "$1" 2>/dev/null || {
  echo "cwd: '$1' cannot be entered by this user" >&3
  exit 125
}
shift
unset OLDPWD
{ [ -f "$1" ] && [ -x "$1" ]; } || {
  echo "argv: '$1' is no program that this user may run" >&3
  exit 125
}
echo ok >&3
exec "$@" </dev/null 3>&-
