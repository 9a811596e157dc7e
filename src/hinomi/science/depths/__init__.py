"""How deep water stands, from many cheap sensors and the ground: three tiers.

``surface`` lays a connected water surface through the sensors, ``analogues`` weighs a library of
runs by what the sensors say, ``ensemble`` pulls runs of the inundation kernel towards them.
"""
