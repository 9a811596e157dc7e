"""A real HEIC file of 732 bytes: our own picture, written by libheif 1.23.6 with x265."""

from __future__ import annotations

from base64 import b85decode

HEIC = b85decode(
    "0000SW^{RQXk}?*00000ZE0pPXk}?*ZE0a<0004@ZDn*}000000000XXk=`10000000000aA{+70000000000000"
    "0000000G-+&aV*mgE07O6l0ssL300001#Q*^S000000027x0ssI200IC20RR9100000+yDRoIB98aW&i*H000620"
    "00$fZf0cy000000RRAKc4ILB0000LX>Mj^0ssI300IC2MR;ju000004sdC7Z2$lO00031007`=aB^?}006*gaAR)"
    "(004Msc4I>U18@KU0FVFx0000U@BsY%`1k+-4+CHT0RR|40Sp2E{{wIU00RJ!0009300RIXx&lC90096iLID8-Z~"
    "y=U0FVFx0{{R603M(eAYo;?l1givfQEwt00093G5`Pr00IzV00968L;=Bauwp;}000wXZ)|dIV{CW;0RRmE27mwn"
    "02FC+aAg1h000000H6Q>0AK(B01$9#cxeCt0009B2nYZG010VwZ*&6y000<iaBX1#00000000310R@2q0|bQt000"
    "_ka%E-!00000000hSWOHKx0ssL30RR92A8lk|bN~PVHz)zG3sI|p`o_W6|N0I)_~Q_GubA4Q6)U*|hOhfALW@=2`"
    "=;6W7+U{*a{#kd`-4>U;Lb)$00006MR;ju002ozDgX!o000C45CH-J2LJ#7J^%m!5&;7M0RR911^@s6X@>*=0RR9"
    "1MgRZ+C5Qw70RR91YybcN00000RAqB?ATa;{0RRJ#0ss^M003A300000001&DGB!FeH99glATcsJF)%tXFaQJq0R"
    "RF30ssI2P5=M^0ssX70{{R3q5uE@0{{X50ssI2MF0Q*1ONp90{{R3x&QzG00000AaytZpoReeU>G9+poRee;G#eP"
    "poRee0EN#0poReez-3YZpoReefR_dUpoRee"
)
"""160 × 96 as stored; upright it is red above on the right. EXIF says where and when."""
