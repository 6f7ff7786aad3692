#!/bin/sh
# Stands for the Python of a virtual environment: it notes what it is told to install, and does what PIP says.
echo "$*" >> "$CALLS"
echo "Collecting boto3<1.45,>=1.44 (from -c lock.txt (line 1))"
echo "Installing collected packages: boto3"
if [ "$PIP" = hangs ]; then
  touch "$CALLS.hangs"
  exec sleep 60
fi
[ "$PIP" != fails ]
