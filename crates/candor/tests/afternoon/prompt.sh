# A shell that asks for a password over and over, and shows nothing of it.
while IFS= read -r line; do
  stty -echo
  printf 'Password: '
  IFS= read -r secret
  stty echo
  printf '\n%s\n' "$line"
done
